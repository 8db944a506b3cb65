/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document for people, as Markdown or as one HTML page that needs nothing else: headings, paragraphs and tables.
 * Every text may come from outside: it is made harmless for terminal, Markdown and HTML alike.
 */
#ifndef CLI_PAPER_H
#define CLI_PAPER_H

#include <stdbool.h>
#include <stdio.h>

struct paper {
	FILE *out; /* its errors are found by ferror () */
	bool html;
	bool block;	/* a paragraph is being written */
	size_t columns; /* of the table being written; 0: none is */
};

/* `language` is its tag, "id" or "en"; `banner` (NULL: none) stands over everything. */
void
paper_begin (struct paper *self, FILE *out, bool html, const char *language, const char *title,
	     const char *banner);

void
paper_heading (struct paper *self, const char *text);

/* A paragraph; its line ends are kept. */
void
paper_text (struct paper *self, const char *text);

/* A table of so many columns (at most 8); without heads where `heads` is NULL. */
void
paper_table (struct paper *self, size_t columns, const char *const *heads);

/* Its cells; a NULL one is empty. */
void
paper_row (struct paper *self, const char *const *cells);

void
paper_table_end (struct paper *self);

void
paper_end (struct paper *self);

/* Text into HTML of the caller's own, made harmless; at most `columns` wide (0: all of it). */
void
paper_html (FILE *out, const char *text, size_t columns);

#endif
