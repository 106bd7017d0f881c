#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TLS with a certificate authority made for the test: the right host and authority are accepted, a wrong
# host, an unknown authority and an expired certificate are refused before the token is sent.

# shellcheck disable=SC2154 # dir, port, conf, outlook and requests are set by grid.sh
bats_require_minimum_version 1.8.0
load grid.sh

setup() {
	grid_setup
	make_authority
}

teardown() {
	grid_teardown
}

make_authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=test authority" \
		-keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
}

# make_server NAME DAYS [OPTION...]: a certificate for NAME, and a server with it.
start_tls() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$dir/server.key" -out "$dir/server.csr" 2>/dev/null
	openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial \
		-days "$2" -extfile <(echo "subjectAltName=$3") -out "$dir/server.crt" 2>/dev/null
	cat "$dir/server.crt" "$dir/server.key" >"$dir/server.pem"
	grid_start_server --cert "$dir/server.pem"
}

tls_conf() {
	url=https://$1:$port/em/v3 grid_conf 'zone "DE" { sources = {"electricitymaps"} }'
	[ -z "${2:-}" ] || sed -i "s|token_file = .*|&\n\t\tca_file = \"$2\"|" "$conf"
}

@test "the configured authority and the right host: accepted" {
	start_tls localhost 1 DNS:localhost,IP:127.0.0.1
	tls_conf localhost "$dir/ca.pem"
	run -0 grid_forecast
	[ "$(grid_parts DE | sed -n 2p)" = "forecast electricitymaps 72" ]
}

@test "an unknown authority: refused, and nothing is asked" {
	start_tls localhost 1 DNS:localhost
	tls_conf localhost
	run -4 grid_forecast
	[[ "$output" == *"certificate"* ]]
	[ ! -s "$requests" ]
}

@test "another host's certificate: refused, and nothing is asked" {
	start_tls elsewhere.example 1 DNS:elsewhere.example
	tls_conf localhost "$dir/ca.pem"
	run -4 grid_forecast
	[[ "$output" == *"elsewhere.example"* || "$output" == *"certificate"* || "$output" == *"host"* ]]
	[ ! -s "$requests" ]
}

@test "no such authority file: named" {
	start_tls localhost 1 DNS:localhost
	tls_conf localhost "$dir/none.pem"
	run -4 grid_forecast
	[[ "$output" == *"$dir/none.pem"* ]]
}
