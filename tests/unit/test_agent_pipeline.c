/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of an event: rules and the damper for every source, redaction before anything is mapped, an event of a sensor
 * that names its events told once; and the feed's counts, which follow the transaction.
 */
#include "source_fixture.h"

#include "agent/feed.h"

/* The source's rules, from the configuration's text. */
static void
use_rules (struct world *world, const char *text)
{
	struct conf_error error;
	static const struct conf_field fields[] = {RULES_CONF_FIELDS (struct agent_conf, rules)};
	static const struct conf_schema schema = CONF_SCHEMA (struct agent_conf, fields);
	static struct agent_conf conf;
	if (conf_parse ("test", text, strlen (text), &schema, &conf, &error) ||
	    rules_new (&world->rules, &conf.rules, "test", &error))
		fail_msg ("%s", error.words);
	conf_free (&schema, &conf);
	world->context.rules = world->rules;
}

static void
use_damper (struct world *world)
{
	static const struct damper_conf conf = {.enabled = true, .window_us = 600000000};
	world->damper = damper_new (&conf, world->outbox, world->intake);
	assert_non_null (world->damper);
	world->context.damper = world->damper;
}

/* One line through a feed, in a transaction of its own. */
static enum pipeline_result
feed_one (struct feed *feed, void *parser, const char *text, bool replayable)
{
	enum pipeline_result result;
	char words[PARSER_WORDS];
	static struct intake_origin origin;
	struct feed_line line = {.text = siaga_text (text), .origin = replayable ? &origin : NULL};
	origin.offset++;
	assert_int_equal (feed_line (feed, parser, &line, &result, words), 0);
	assert_int_equal (feed_commit (feed), 0);
	return result;
}

struct running {
	struct feed feed;
	void *parser;
};

static struct running *
begin (struct world *world, int type)
{
	struct running *self = calloc (1, sizeof *self);
	assert_non_null (self);
	world->source.type = type;
	assert_int_equal (feed_init (&self->feed, &world->context), 0);
	self->parser = feed_parser (&self->feed);
	assert_non_null (self->parser);
	return self;
}

static void
end (struct running *self)
{
	self->feed.parser->destroy (&self->parser);
	feed_finish (&self->feed);
	free (self);
}

#define EVE(signature, more)                                                                       \
	"{\"event_type\":\"alert\",\"src_ip\":\"192.0.2.1\"," more                                 \
	"\"alert\":{\"signature\":\"" signature "\",\"signature_id\":7,\"severity\":3}}"

static void
test_agent_pipeline_applies_the_rules (void **state)
{
	struct world *world = *state;
	use_rules (
		world,
		"rules = ({name = \"noise\"; when = {field = \"alert.signature\"; prefix = \"noise\";}; drop = true;},"
		"{when = {field = \"alert.signature\"; prefix = \"bad\";}; set = {severity = \"critical\";}; raw = \"strip\";});");
	struct running *self = begin (world, SOURCE_EVE);
	assert_int_equal (feed_one (&self->feed, self->parser, EVE ("noise", ""), true),
			  PIPELINE_DROPPED);
	assert_string_equal (pipeline_rule (self->feed.pipeline), "noise");
	assert_int_equal (waiting (world), 0);
	assert_int_equal (feed_one (&self->feed, self->parser, EVE ("bad", ""), true),
			  PIPELINE_ADDED);
	const struct event *event = pipeline_event (self->feed.pipeline);
	assert_int_equal (event->header.severity, SIAGA_SEVERITY_CRITICAL);
	assert_int_equal (event->body.raw.size, 0);
	assert_int_equal (feed_one (&self->feed, self->parser, EVE ("other", ""), true),
			  PIPELINE_ADDED);
	assert_int_equal (event->header.severity, SIAGA_SEVERITY_LOW);
	assert_true (event->body.raw.size > 0);
	assert_null (pipeline_rule (self->feed.pipeline));
	end (self);
}

static void
test_agent_pipeline_rules_may_keep_what_the_source_does_not (void **state)
{
	struct world *world = *state;
	world->source.keep_raw = false;
	use_rules (
		world,
		"rules = ({when = {field = \"alert.signature\"; equals = \"keep\";}; raw = \"keep\";});");
	struct running *self = begin (world, SOURCE_EVE);
	const struct event *event = pipeline_event (self->feed.pipeline);
	feed_one (&self->feed, self->parser, EVE ("other", ""), true);
	assert_int_equal (event->body.raw.size, 0);
	feed_one (&self->feed, self->parser, EVE ("keep", ""), true);
	assert_true (siaga_text_is (event->body.raw, EVE ("keep", "")));
	end (self);
}

static void
test_agent_pipeline_redacts_before_it_maps (void **state)
{
	struct world *world = *state;
	use_rules (world, "redact = ({pattern = \"[0-9]{16}\";});");
	struct running *self = begin (world, SOURCE_EVE);
	feed_one (&self->feed, self->parser,
		  EVE ("NIK 3171234567890123", "\"http\":{\"url\":\"/x?nik=3171234567890123\"},"),
		  true);
	const struct siaga_body *body = &pipeline_event (self->feed.pipeline)->body;
	struct siaga_text texts[] = {body->title, body->raw, body->target[0].url,
				     body->detector.rule};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_true (texts[i].size > 0);
		assert_null (memmem (texts[i].data, texts[i].size, "3171234567890123", 16));
	}
	end (self);
}

static void
test_agent_pipeline_folds_what_is_alike (void **state)
{
	struct world *world = *state;
	use_damper (world);
	struct running *self = begin (world, SOURCE_EVE);
	assert_int_equal (feed_one (&self->feed, self->parser, EVE ("a", ""), true),
			  PIPELINE_ADDED);
	assert_int_equal (feed_one (&self->feed, self->parser, EVE ("a", ""), true),
			  PIPELINE_FOLDED);
	assert_int_equal (feed_one (&self->feed, self->parser, "{\"event_type\":\"flow\"}", true),
			  PIPELINE_NO_ALERT);
	assert_int_equal (waiting (world), 1);
	assert_int_equal (self->feed.counts.lines, 3);
	assert_int_equal (self->feed.counts.alerts, 2);
	end (self);
}

#define WAZUH(id)                                                                                  \
	"{\"timestamp\":\"2026-11-24T08:00:00Z\",\"id\":\"" id                                     \
	"\",\"rule\":{\"level\":7,\"id\":\"5\",\"description\":\"d\"}}"

static void
test_agent_pipeline_tells_a_named_event_once (void **state)
{
	struct world *world = *state;
	use_damper (world);
	struct running *self = begin (world, SOURCE_WAZUH);
	assert_int_equal (feed_one (&self->feed, self->parser, WAZUH ("1.1"), true),
			  PIPELINE_ADDED);
	uint8_t id[SIAGA_ID_BYTES];
	memcpy (id, pipeline_event (self->feed.pipeline)->header.id, sizeof id);
	assert_int_equal (feed_one (&self->feed, self->parser, WAZUH ("1.1"), true),
			  PIPELINE_KNOWN);
	assert_int_equal (feed_one (&self->feed, self->parser, WAZUH ("1.2"), true),
			  PIPELINE_FOLDED);
	assert_int_equal (feed_one (&self->feed, self->parser, WAZUH ("1.2"), true),
			  PIPELINE_KNOWN);
	end (self);
	/* Another source, without memory: its id is what it was. */
	damper_destroy (&world->damper);
	world->context.damper = NULL;
	world->source.name = (char[]){"other"};
	self = begin (world, SOURCE_WAZUH);
	assert_int_equal (feed_one (&self->feed, self->parser, WAZUH ("1.1"), true),
			  PIPELINE_KNOWN);
	assert_memory_equal (pipeline_event (self->feed.pipeline)->header.id, id, sizeof id);
	end (self);
	world->source.name = s_name;
}

static void
test_agent_pipeline_forgets_what_was_rolled_back (void **state)
{
	struct world *world = *state;
	struct running *self = begin (world, SOURCE_WAZUH);
	struct intake_origin origin = {.inode = 1};
	struct feed_line line = {.text = siaga_text (WAZUH ("1.1")), .origin = &origin};
	char words[PARSER_WORDS];
	assert_int_equal (feed_line (&self->feed, self->parser, &line, NULL, words), 0);
	feed_rollback (&self->feed);
	assert_int_equal (self->feed.counts.lines, 0);
	assert_int_equal (feed_one (&self->feed, self->parser, WAZUH ("1.1"), true),
			  PIPELINE_ADDED);
	assert_int_equal (self->feed.counts.lines, 1);
	assert_int_equal (waiting (world), 1);
	end (self);
}

static void
test_agent_pipeline_rules_hold_for_alerts_as_json (void **state)
{
	struct world *world = *state;
	use_rules (
		world,
		"rules = ({name = \"x\"; when = {field = \"title\"; equals = \"x\";}; drop = true;});"
		"redact = ({path = \"source.0.user\";});");
	struct running *self = begin (world, SOURCE_STDIN);
	assert_int_equal (feed_one (&self->feed, self->parser, "{\"title\":\"x\"}", false),
			  PIPELINE_DROPPED);
	assert_int_equal (feed_one (&self->feed, self->parser,
				    "{\"title\":\"y\",\"source\":[{\"user\":\"budi\"}]}", false),
			  PIPELINE_ADDED);
	assert_false (
		siaga_text_is (pipeline_event (self->feed.pipeline)->body.source[0].user, "budi"));
	assert_int_equal (feed_one (&self->feed, self->parser, "{\"titel\":\"y\"}", false),
			  PIPELINE_UNREADABLE);
	assert_int_equal (feed_one (&self->feed, self->parser,
				    "{\"title\":\"y\",\"expires\":\"2001-01-01T00:00:00Z\"}",
				    false),
			  PIPELINE_INVALID);
	assert_int_equal (self->feed.counts.unreadable, 2);
	assert_int_equal (waiting (world), 1);
	end (self);
}

#define PIPELINE_TEST(test) cmocka_unit_test_setup_teardown (test, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		PIPELINE_TEST (test_agent_pipeline_applies_the_rules),
		PIPELINE_TEST (test_agent_pipeline_rules_may_keep_what_the_source_does_not),
		PIPELINE_TEST (test_agent_pipeline_redacts_before_it_maps),
		PIPELINE_TEST (test_agent_pipeline_folds_what_is_alike),
		PIPELINE_TEST (test_agent_pipeline_tells_a_named_event_once),
		PIPELINE_TEST (test_agent_pipeline_forgets_what_was_rolled_back),
		PIPELINE_TEST (test_agent_pipeline_rules_hold_for_alerts_as_json),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
