/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: libconfig text through a table that says which keys there are, of what type and
 * range, and where each goes in a struct. What is not in the table is an error that names its line.
 * The text is scanned first for what libconfig would misread (conf_scan.h), so that what is checked
 * is what is used. What the values mean together is left to the programs.
 *
 *	struct source { unsigned line; char *path; int severity; };
 *	static const struct conf_field source_fields[] = {
 *		{.type = CONF_LINE, .offset = offsetof (struct source, line)},
 *		CONF_FIELD ("path", CONF_PATH, struct source, path, .required = true),
 *		CONF_FIELD ("severity", CONF_ENUM, struct source, severity,
 *			    .names = &siaga_severity_names, .fallback = "low"),
 *	};
 *	static const struct conf_schema source_schema = CONF_SCHEMA (struct source, source_fields);
 */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include "siaga/names.h"

/* What a field is in the text, and what it becomes in the struct. */
enum conf_type {
	CONF_STRING,   /* char *; NULL when absent without a fallback */
	CONF_PATH,     /* char *; a relative one is relative to the file's directory; not empty */
	CONF_INT,      /* int64_t */
	CONF_BOOL,     /* bool */
	CONF_DURATION, /* uint64_t microseconds, from "90s", "15m", "24h", "7d", "2w" or "500ms" */
	CONF_TIME,     /* uint64_t microseconds since 1970, from RFC 3339; 0 when absent */
	CONF_SIZE,     /* uint64_t bytes, from an integer or "64K", "16M", "2G" (powers of 1024) */
	CONF_ENUM,     /* int, one of `names` */
	CONF_STRING_LIST, /* struct conf_strings, from ["…", …], ("…", …) or one "…" */
	CONF_PATH_LIST,	  /* the same of paths */
	CONF_SCALAR,	  /* struct conf_scalar, from "…", a number, true or false */
	CONF_SCALAR_LIST, /* struct conf_scalars, from […], (…) or one of them */
	CONF_GROUP, /* an embedded struct of `schema`; absent: its fallbacks, its CONF_LINE 0 */
	CONF_GROUP_OR_NULL, /* void *, a struct of `schema`, which may be the schema it stands in;
			       NULL when absent */
	CONF_GROUP_LIST,    /* struct conf_list of structs of `schema` */
	CONF_LINE, /* unsigned: no key; the line its group begins on (1 for the file itself) */
};

struct conf_strings {
	size_t count;
	char **items; /* NULL when none */
	unsigned *lines;
};

enum conf_scalar_kind {
	CONF_SCALAR_NONE = 0, /* absent */
	CONF_SCALAR_TEXT,
	CONF_SCALAR_NUMBER,
	CONF_SCALAR_BOOL,
};

/* A value whose type the file may choose. */
struct conf_scalar {
	enum conf_scalar_kind kind;
	char *text; /* as one would write it without quotes; NULL when absent */
	int64_t number;
	bool yes;
};

struct conf_scalars {
	size_t count;
	struct conf_scalar *items; /* NULL when none */
};

struct conf_list {
	size_t count;
	void *items; /* `count` structs of the schema's size; NULL when none */
};

/* Room for a checker's reason, with NUL. */
#define CONF_REASON_MAX 256

struct conf_schema;

struct conf_field {
	const char *key;
	enum conf_type type;
	size_t offset;
	bool required;
	const char *fallback; /* the value when absent, as one would write it without quotes */
	int64_t min,
		max; /* of the value; bytes of a STRING or PATH; items of a list. Both 0: any */
	const struct siaga_names *names;  /* ENUM */
	const struct conf_schema *schema; /* GROUP, GROUP_OR_NULL, GROUP_LIST */

	/* Further checks, after type and range: true, or false and the reason. `value` is the text itself
	   for STRING, PATH and each item of a STRING_LIST or PATH_LIST, else it points to the value or struct (for a list
	   of them, to each). */
	bool (*check) (const void *value, char reason[CONF_REASON_MAX]);
};

struct conf_schema {
	const struct conf_field *fields;
	size_t field_count;
	size_t size; /* bytes of the struct filled */
	bool open; /* unknown keys are passed over (for who needs a part of another's file only) */
};

/* A row of a table: CONF_FIELD ("path", CONF_PATH, struct source, path, .required = true). */
#define CONF_FIELD(name, kind, record, place, ...)                                                 \
	{                                                                                          \
		.key = (name), .type = (kind), .offset = offsetof (record, place), __VA_ARGS__     \
	}

#define CONF_SCHEMA(record, table)                                                                 \
	{                                                                                          \
		.fields = (table), .field_count = sizeof (table) / sizeof *(table),                \
		.size = sizeof (record)                                                            \
	}

/* The first thing found wrong: "agent.conf:12: sources[1].path: must be given". */
struct conf_error {
	char words[512];
};

/* Where problems go. Init with conf_report_init (); `each` (may be NULL) is then called for every
   one. */
struct conf_report {
	const char *file_name;
	struct conf_error *error; /* gets the first */
	unsigned count;
	void (*each) (void *arg, const char *words);
	void *arg;
};

void
conf_report_init (struct conf_report *self, const char *file_name, struct conf_error *error);

/* Adds a problem: "<file>:<line>: <words>"; without the line when it is 0. */
void
conf_report_add (struct conf_report *self, unsigned line, const char *format, ...)
	__attribute__ ((format (printf, 3, 4)));

/* Parses `text` into the struct `into`, which is overwritten without being read. Everything found
   wrong is reported, and then SIAGA_ECONF is returned; or SIAGA_ENOMEM. After a failure `into`
   holds nothing to free. `file_name` is for messages and for the directory of relative paths. */
int
conf_parse (const char *file_name, const char *text, size_t size, const struct conf_schema *schema,
	    void *into, struct conf_error *error);
int
conf_parse_report (struct conf_report *report, const char *text, size_t size,
		   const struct conf_schema *schema, void *into);

/* Reads the file (at most 1 MiB) and parses it: also SIAGA_ENOTFOUND, SIAGA_ELIMIT, SIAGA_EIO, with
   words. */
int
conf_load (const char *path, const struct conf_schema *schema, void *into,
	   struct conf_error *error);

/* Frees what conf_parse () put into the struct, and zeroes it. */
void
conf_free (const struct conf_schema *schema, void *into);

/* The known word that `word` was probably meant to be, or NULL. `known (arg, i)` is the i-th, NULL
   past the end. */
const char *
conf_did_you_mean (const char *word, const char *(*known) (const void *arg, size_t i),
		   const void *arg);

/* Checkers for `conf_field.check` that several programs need. */
bool
conf_check_network (const void *value, char reason[CONF_REASON_MAX]);
bool
conf_check_principal (const void *value, char reason[CONF_REASON_MAX]);
bool
conf_check_tlp (const void *value, char reason[CONF_REASON_MAX]);
bool
conf_check_member (const void *value, char reason[CONF_REASON_MAX]);
bool
conf_check_system (const void *value, char reason[CONF_REASON_MAX]);
bool
conf_check_address (const void *value, char reason[CONF_REASON_MAX]); /* tcp://host:port */

#endif
