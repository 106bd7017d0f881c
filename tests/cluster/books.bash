# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests of the books share: rows of carbon.db's documented views, slurmdbd's own tables, and the report of whatever
# months the runs ended in, for a month may end in the midst of a test. It must never write to carbon.db.

# Rows of a view: of jobs, in the order in which they ran, unless another is named.
books_rows() { # STATE-DIR COLUMNS [CONDITION [VIEW]]
	python3 - "$@" <<-'END'
		import sqlite3, sys
		state, columns, condition, view = (sys.argv[1:] + ["1", "jobs"][len(sys.argv) - 3:])
		order = " ORDER BY Cluster, JobIDRaw, Start" if view == "jobs" else ""
		db = sqlite3.connect("file:%s/carbon.db?mode=ro" % state, uri=True)
		for row in db.execute("SELECT %s FROM %s WHERE %s%s" % (columns, view, condition, order)):
		    print(*row, sep="|")
	END
}

# The months, UTC, in which runs of the ledger ended.
books_months() { # STATE-DIR
	books_rows "$1" 'DISTINCT substr(End, 1, 7)' | sort -u
}

# The value of a Python expression over the reports of those months: ds are the documents, and add("total", "runs") is what
# stands there in all of them together (a month that has nothing to tell of something leaves it out).
books_reports() { # STATE-DIR EXPRESSION CARBONCTL...
	local month
	rm -rf reports
	mkdir reports
	for month in $(books_months "$1"); do
		"${@:3}" report --month "$month" -f json >"reports/$month" || return 1
	done
	python3 - "$2" <<-'END'
		import collections, functools, json, os, sys
		ds = [json.load(open("reports/" + month)) for month in sorted(os.listdir("reports"))]
		assert ds, "no run has ended"
		def add(*path):
		    told = [functools.reduce(lambda node, key: node.get(key, {}), path, d) for d in ds]
		    told = [number for number in told if number != {}]
		    assert told, path
		    return sum(told)
		print(eval(sys.argv[1]))
	END
}

# A statement for slurmdbd's database, wherever below DIR that is.
books_sql() { # DIR STATEMENT
	mariadb --no-defaults --socket="$(find "$1" -name mariadb.socket | head -n 1)" -uroot slurm_acct_db -e "$2"
}
