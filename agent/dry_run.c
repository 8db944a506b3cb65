/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of a file through a source's pipeline, as far as it goes without an outbox.
 */
#include "agent/dry_run.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "agent/dry_print.h"
#include "agent/pipeline.h"
#include "agent/tail.h"
#include "common/log.h"
#include "siaga/error.h"

struct dry {
	struct agent_conf conf;
	const struct source_conf *source;
	struct rules *rules;
	struct pipeline *pipeline;
	const struct parser_class *parser;
	void *parser_state;
	struct dry_print print;
	uint64_t line;
};

static bool
s_reads_a_file (const struct source_conf *source)
{
	return source->type != SOURCE_SOCKET && source->type != SOURCE_STDIN &&
	       source->type != SOURCE_EXEC;
}

static bool
s_follows (const struct source_conf *source, const char *path)
{
	for (size_t i = 0; i < source->paths.count; i++)
		if (fnmatch (source->paths.items[i], path, FNM_PATHNAME) == 0)
			return true;
	return false;
}

/* The one that was named; else that which follows the file, or the first that reads any. */
static const struct source_conf *
s_find_source (const struct agent_conf *conf, const struct dry_run_options *options)
{
	const struct source_conf *found = NULL;
	char *path = realpath (options->path, NULL);
	bool is_sure = false;

	for (size_t i = 0; i < conf->sources.count && !is_sure; i++) {
		const struct source_conf *source = agent_conf_source (conf, i);
		is_sure = options->source ? strcmp (source->name, options->source) == 0
					  : s_follows (source, options->path) ||
						    (path && s_follows (source, path));
		if (is_sure || (!found && !options->source && s_reads_a_file (source)))
			found = source;
	}
	free (path);
	return found;
}

static int
s_say_no_source (const struct dry_run_options *options)
{
	if (options->source)
		fprintf (stderr, "siaga-agent: --source: there is no source \"%s\" in %s\n",
			 options->source, options->conf_path);
	else
		fprintf (stderr,
			 "siaga-agent: no source in %s reads a file: say which with --source\n",
			 options->conf_path);
	return EX_USAGE;
}

/* EX_OK, or why not, said. */
static int
s_make (struct dry *self, const struct dry_run_options *options)
{
	char words[PARSER_WORDS] = "out of memory";
	struct conf_error error = {.words = ""};
	int rc = rules_new (&self->rules, &self->conf.rules, options->conf_path, &error);
	if (rc) {
		log_error ("conf", "%s", error.words);
		return rc == SIAGA_ENOMEM ? EXIT_FAILURE : EX_CONFIG;
	}
	self->source = s_find_source (&self->conf, options);
	if (!self->source)
		return s_say_no_source (options);
	struct source_context context = {
		.rules = self->rules, .conf = &self->conf, .source = self->source};
	self->pipeline = pipeline_new (&context);
	self->parser = parser_of (self->source);
	self->parser_state = self->parser->create (self->source, words);
	if (self->pipeline && self->parser_state)
		return EX_OK;
	log_error ("source-failed", "%s: %s", self->source->name, words);
	return EX_CONFIG;
}

static enum dry_verdict
s_verdict (int result)
{
	switch (result) {
	case PIPELINE_READY:
		return DRY_SEND;
	case PIPELINE_DROPPED:
		return DRY_DROP;
	case PIPELINE_NO_ALERT:
		return DRY_NO_ALERT;
	default:
		return DRY_UNREADABLE;
	}
}

/* 0, or SIAGA_ENOMEM. */
static int
s_take (struct dry *self, struct siaga_text line)
{
	char words[PARSER_WORDS] = "";
	int result = pipeline_read (self->pipeline, self->parser, self->parser_state, line, words);
	if (result < 0)
		return result;
	enum dry_verdict verdict = s_verdict (result);
	bool has_event = verdict == DRY_SEND || verdict == DRY_DROP;
	dry_print (&self->print, verdict, self->line,
		   has_event ? pipeline_event (self->pipeline) : NULL,
		   has_event ? pipeline_matched (self->pipeline) : NULL, words);
	return 0;
}

static struct siaga_text
s_without_end (const char *data, size_t size)
{
	if (size > 0 && data[size - 1] == '\n')
		size--;
	if (size > 0 && data[size - 1] == '\r')
		size--;
	return (struct siaga_text){data, size};
}

static int
s_take_all (struct dry *self, FILE *in)
{
	char *data = NULL;
	size_t capacity = 0;
	ssize_t size;
	int rc = 0;
	while (!rc && (size = getline (&data, &capacity, in)) >= 0) {
		self->line++;
		if (size > TAIL_LINE_MAX)
			dry_print (&self->print, DRY_UNREADABLE, self->line, NULL, NULL,
				   "longer than 1 MiB");
		else
			rc = s_take (self, s_without_end (data, (size_t) size));
	}
	free (data);
	return rc;
}

static int
s_run (struct dry *self, const struct dry_run_options *options)
{
	bool is_stdin = strcmp (options->path, "-") == 0;
	FILE *in = is_stdin ? stdin : fopen (options->path, "re");
	int rc = in ? s_take_all (self, in) : SIAGA_EIO;
	int status = EX_OK;
	if (!in || ferror (in)) {
		log_error ("dry-run", "%s: %s", options->path, strerror (errno));
		status = EX_NOINPUT;
	} else if (rc) {
		log_error ("dry-run", "%s", siaga_strerror (rc));
		status = EXIT_FAILURE;
	} else {
		dry_print_summary (&self->print);
		if (self->print.counts[DRY_UNREADABLE] > 0)
			status = EX_DATAERR;
	}
	if (in && !is_stdin)
		fclose (in);
	if (fflush (stdout))
		status = EX_IOERR;
	return status;
}

int
dry_run (const struct dry_run_options *options)
{
	struct dry self = {.print = {.out = stdout, .json = options->json}};
	struct conf_error error = {.words = ""};
	log_open ("siaga-agent", LOG_TO_STDERR, 0);
	if (agent_conf_load (&self.conf, options->conf_path, &error)) {
		log_error ("conf", "%s", error.words);
		return EX_CONFIG;
	}
	int status = s_make (&self, options);
	if (!status)
		status = s_run (&self, options);
	if (self.parser_state)
		self.parser->destroy (&self.parser_state);
	pipeline_destroy (&self.pipeline);
	rules_destroy (&self.rules);
	agent_conf_free (&self.conf);
	return status;
}
