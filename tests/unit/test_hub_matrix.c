/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Need to know, all of it: every TLP, clearance and audience, by every way in which a reader can learn of an entry,
 * against the table below, which was written from PROTOCOL.md section 4 and knows nothing of the code. An entry that
 * is not for a reader must not leave a byte of its title in anything that reader is sent.
 *
 *	live      a subscription that was there before
 *	replay    one that begins at 0, without a filter and with one that every entry here matches
 *	show      a query for the entry, by number and by id
 *	story     a query for its story, by number and by id
 *	respond   a response to it is taken
 *	count     what a status answer counts
 */
#include "hub_fixture.h"

/* src publishes; src/own is cleared for nothing but is of its member. The others read. */
static const char roster[] =
	"network = \"pemilu-2024\";\n"
	"serial = 8;\n"
	"issued = \"2000-01-01T00:00:00Z\";\n"
	"expires = \"2100-01-01T00:00:00Z\";\n"
	"hub = { principal = \"kpu/hub\"; addresses = [\"tcp://127.0.0.1:7766\"]; };\n"
	"members = (\n"
	"  { name = \"kpu\"; clearance = \"red\"; }, { name = \"src\"; clearance = \"clear\"; },\n"
	"  { name = \"m-clear\"; clearance = \"clear\"; }, { name = \"m-green\"; clearance = "
	"\"green\"; },\n"
	"  { name = \"m-amber\"; clearance = \"amber\"; },\n"
	"  { name = \"m-strict\"; clearance = \"amber+strict\"; }, { name = \"m-red\"; clearance = "
	"\"red\"; }\n"
	");\n"
	"principals = (\n"
	"  { name = \"kpu/hub\"; roles = [\"operate\"]; keys = ({ card = \"@kpu/hub@\"; }); },\n"
	"  { name = \"kpu/ops\"; roles = [\"operate\"]; keys = ({ card = \"@kpu/ops@\"; }); },\n"
	"  { name = \"src/pub\"; roles = [\"publish\"]; keys = ({ card = \"@src/pub@\"; }); },\n"
	"  { name = \"src/own\"; roles = [\"respond\", \"read\"]; keys = ({ card = \"@src/own@\"; }); },\n"
	"  { name = \"m-clear/a\"; roles = [\"respond\", \"read\"]; keys = ({ card = \"@m-clear/a@\"; "
	"}); },\n"
	"  { name = \"m-green/a\"; roles = [\"respond\", \"read\"]; keys = ({ card = \"@m-green/a@\"; "
	"}); },\n"
	"  { name = \"m-amber/a\"; roles = [\"respond\", \"read\"]; keys = ({ card = \"@m-amber/a@\"; "
	"}); },\n"
	"  { name = \"m-strict/a\"; roles = [\"respond\", \"read\"]; keys = ({ card = "
	"\"@m-strict/a@\"; }); },\n"
	"  { name = \"m-red/a\"; roles = [\"respond\", \"read\"]; keys = ({ card = \"@m-red/a@\"; }); "
	"},\n"
	"  { name = \"m-red/b\"; roles = [\"respond\"]; keys = ({ card = \"@m-red/b@\"; }); }\n"
	");\n";

#define READERS 6
#define TLPS 5
#define AUDIENCES 5
#define ENTRIES (TLPS * AUDIENCES)
#define PUBLISHER 1
#define READER(i) (10 + (uint64_t) (i)) /* its connection */

static const char *const readers[READERS] = {"src/own",	  "m-clear/a",	"m-green/a",
					     "m-amber/a", "m-strict/a", "m-red/a"};

static const struct {
	const char *members[6];
	size_t count;
} audiences[AUDIENCES] = {
	{{NULL}, 0}, /* everybody whose clearance allows */
	{{"m-amber"}, 1},
	{{"m-clear", "m-red"}, 2},
	{{"kpu"}, 1}, /* none of the readers */
	{{"kpu", "m-amber", "m-clear", "m-green", "m-red", "m-strict"}, 6},
};

/* Who sees it: for each audience a block, in it a row for each TLP, in it a column for each reader. */
static const char *const table[AUDIENCES][TLPS] = {
	/* own clear green amber strict red */
	{
		"++++++", /* clear */
		"+-++++", /* green */
		"+--+++", /* amber */
		"+---++", /* amber+strict */
		"+----+", /* red */
	},
	{
		"+--+--",
		"+--+--",
		"+--+--",
		"+-----",
		"+-----",
	},
	{
		"++---+",
		"+----+",
		"+----+",
		"+----+",
		"+----+",
	},
	{
		"+-----",
		"+-----",
		"+-----",
		"+-----",
		"+-----",
	},
	{
		"++++++",
		"+-++++",
		"+--+++",
		"+---++",
		"+----+",
	},
};

static struct hub *s_hub;
static struct hub_lane s_lane;
static struct siaga_ref s_refs[ENTRIES];
static char s_titles[ENTRIES][32];
static uint64_t s_first; /* the number of the first of them; the others follow */

static bool
expected (size_t reader, size_t entry)
{
	return table[entry % AUDIENCES][entry / AUDIENCES][reader] == '+';
}

/* The next message for a reader. In none of them may stand what is not for it. */
static int
take (size_t reader)
{
	int type = hub_take (s_hub, READER (reader));

	for (size_t i = 0; type && i < ENTRIES; i++)
		if (!expected (reader, i) && s_titles[i][0] &&
		    memmem (s_hub->frame, s_hub->frame_size, s_titles[i], strlen (s_titles[i])))
			fail_msg ("%s was sent \"%s\"", readers[reader], s_titles[i]);
	return type;
}

/* Marks the entries whose bytes stand in some deliveries; how many deliveries there were. */
static size_t
mark (struct siaga_bytes items, bool shown[ENTRIES])
{
	static struct siaga_batch batch;
	struct siaga_reader reader;
	struct siaga_delivery delivery;

	siaga_reader_init (&reader, items.data, items.size);
	size_t count = siaga_deliveries_begin (&reader);
	for (size_t left = count; left > 0; left--) {
		siaga_delivery_read (&reader, &delivery);
		assert_int_equal (siaga_batch_read (delivery.batch, &batch), 0);
		for (uint32_t k = 0; k < batch.slot_count; k++) {
			uint64_t number = delivery.number + batch.index + k;
			if (batch.slots[k].entry.size > 0 && number >= s_first &&
			    number < s_first + ENTRIES)
				shown[number - s_first] = true;
		}
	}
	assert_int_equal (siaga_reader_end (&reader), 0);
	return count;
}

/* What the subscription's DELIVERs that wait show. */
static void
mark_delivered (size_t reader, bool shown[ENTRIES])
{
	memset (shown, 0, ENTRIES * sizeof *shown);
	for (int type; (type = take (reader));) {
		assert_int_equal (type, SIAGA_DELIVER);
		mark (s_hub->in.deliver.items, shown);
	}
}

static void
check (const char *way, size_t reader, const bool shown[ENTRIES])
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (shown[i] != expected (reader, i))
			fail_msg ("%s: tlp %zu, audience %zu: %s %s it", way, i / AUDIENCES,
				  i % AUDIENCES, readers[reader],
				  shown[i] ? "must not see" : "must see");
}

static struct siaga_header
make_header (const struct hub_lane *lane, size_t entry)
{
	struct siaga_header header = hub_header (lane, (enum siaga_tlp) (entry / AUDIENCES));

	header.audience_count = audiences[entry % AUDIENCES].count;
	for (size_t k = 0; k < header.audience_count; k++)
		header.audience[k] = siaga_text (audiences[entry % AUDIENCES].members[k]);
	return header;
}

/* Every TLP and audience, in batches of one and of up to so many. */
static void
publish_all (size_t batch)
{
	s_first = s_hub->core->head;
	for (size_t i = 0; i < ENTRIES; i++) {
		struct siaga_header header = make_header (&s_lane, i);
		snprintf (s_titles[i], sizeof s_titles[i], "title-%02zu-of-a-secret", i);
		s_refs[i] = hub_add (&s_lane, &header, s_titles[i]);
		if (i % batch != 0 && i % batch != batch - 1 && i != ENTRIES - 1)
			continue;
		hub_publish_only (s_hub, &s_lane);
		hub_settle (s_hub);
	}
	assert_int_equal (s_hub->core->head, s_first + ENTRIES);
}

static int
begin (void **state)
{
	(void) state;
	memset (s_titles, 0, sizeof s_titles);
	s_hub = hub_new ();
	hub_settle (s_hub);
	hub_adopt (s_hub, roster);
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_lane, PUBLISHER, "src/pub");
	for (size_t i = 0; i < READERS; i++)
		hub_open (s_hub, READER (i), readers[i], NULL);
	return 0;
}

static int
end (void **state)
{
	(void) state;
	hub_destroy (&s_hub);
	return 0;
}

/* One reader at a time: a test's hub hands out everybody's mail from one queue. */
static void
test_live (void **state)
{
	bool shown[ENTRIES];

	(void) state;
	for (size_t reader = 0; reader < READERS; reader++)
		for (size_t batch = 1; batch <= ENTRIES; batch = batch * 3 + 1) {
			memset (s_titles, 0, sizeof s_titles);
			hub_subscribe (s_hub, READER (reader), NULL, s_hub->core->head,
				       SIAGA_CREDIT_MAX);
			mark_delivered (reader, shown);
			publish_all (batch);
			mark_delivered (reader, shown);
			check ("live", reader, shown);
			hub_open (s_hub, READER (reader), readers[reader], NULL);
		}
}

static void
test_replay (void **state)
{
	struct siaga_filter filter = {
		.min_severity = SIAGA_SEVERITY_HIGH,
		.categories = {1, {siaga_text ("intrusion-attempts")}},
		.origins = {1, {siaga_text ("src")}},
		.statuses = 1u << SIAGA_STATUS_ACTUAL,
		.kinds = 1u << SIAGA_KIND_ALERT,
	};
	bool shown[ENTRIES];

	(void) state;
	publish_all (7);
	for (size_t reader = 0; reader < READERS; reader++) {
		hub_subscribe (s_hub, READER (reader), NULL, 0, SIAGA_CREDIT_MAX);
		mark_delivered (reader, shown);
		check ("replay", reader, shown);
		hub_subscribe (s_hub, READER (reader), &filter, 0, SIAGA_CREDIT_MAX);
		mark_delivered (reader, shown);
		check ("history by a filter", reader, shown);
	}
}

static void
say_query (uint64_t conn, enum siaga_query_what what, size_t entry, bool by_id)
{
	struct siaga_message *message = hub_message (SIAGA_QUERY);

	message->query.id = 1;
	message->query.what = what;
	message->query.has_uuid = by_id;
	message->query.has_number = !by_id;
	message->query.number = by_id ? 0 : s_first + entry;
	if (by_id)
		memcpy (message->query.uuid, s_refs[entry].id, SIAGA_ID_BYTES);
	hub_says (s_hub, conn, message);
	hub_settle (s_hub);
}

static void
ask_all (const char *way, enum siaga_query_what what, bool by_id)
{
	bool shown[ENTRIES];

	for (size_t reader = 0; reader < READERS; reader++) {
		memset (shown, 0, sizeof shown);
		for (size_t i = 0; i < ENTRIES; i++) {
			say_query (READER (reader), what, i, by_id);
			int type = take (reader);
			if (type == SIAGA_REFUSED) {
				assert_int_equal (s_hub->in.refused.code, SIAGA_ENOTFOUND);
				continue;
			}
			assert_int_equal (type, SIAGA_RESULT);
			assert_int_equal (s_hub->in.result.of, 1);
			assert_int_equal (mark (s_hub->in.result.payload, shown), 1);
		}
		check (way, reader, shown);
	}
}

static void
test_show_and_story (void **state)
{
	(void) state;
	publish_all (7);
	ask_all ("show by number", SIAGA_QUERY_ENTRY, false);
	ask_all ("show by id", SIAGA_QUERY_ENTRY, true);
	ask_all ("story by number", SIAGA_QUERY_STORY, false);
	ask_all ("story by id", SIAGA_QUERY_STORY, true);
}

/* A response by each reader to each alert, with the alert's restriction: whether it is taken. */
static void
test_respond (void **state)
{
	bool taken[ENTRIES];

	(void) state;
	publish_all (7);
	for (size_t reader = 0; reader < READERS; reader++) {
		struct hub_lane lane;
		hub_lane_open (s_hub, &lane, 30, readers[reader]);
		for (size_t i = 0; i < ENTRIES; i++) {
			struct siaga_header header = make_header (&lane, i);
			header.kind = SIAGA_KIND_RESPONSE;
			header.action = SIAGA_ACTION_COMMENT;
			header.category = siaga_text (NULL);
			header.refs[header.ref_count++] = s_refs[i];
			hub_add (&lane, &header, "heard");
			int type = hub_publish (s_hub, &lane);
			taken[i] = type == SIAGA_ACK;
			if (taken[i])
				continue;
			assert_int_equal (type, SIAGA_REFUSED);
			assert_int_equal (s_hub->in.refused.bad[0].code, SIAGA_EREF);
			lane.oseq--;
		}
		check ("respond", reader, taken);
		hub_says (s_hub, 30, hub_message (SIAGA_BYE));
	}
}

/* The sessions that a status answer tells of. */
static uint64_t
count_sessions (void)
{
	struct siaga_bytes answer = s_hub->in.result.payload;
	struct siaga_reader reader;
	uint64_t key, sessions = UINT64_MAX;
	struct siaga_map map;

	siaga_reader_init (&reader, answer.data, answer.size);
	siaga_reader_map (&reader, 64, &map);
	while (siaga_reader_key (&reader, &map, &key)) {
		if (key != 6) {
			siaga_reader_skip (&reader);
			continue;
		}
		sessions = siaga_reader_array (&reader, 1000);
		for (uint64_t i = 0; i < sessions; i++)
			siaga_reader_skip (&reader);
	}
	assert_int_equal (siaga_reader_end (&reader), 0);
	return sessions;
}

static uint64_t
ask_status (uint64_t conn)
{
	say_query (conn, SIAGA_QUERY_STATUS, 0, false);
	return hub_take (s_hub, conn) == SIAGA_RESULT ? count_sessions () : 0;
}

/* Sessions: of one's own member, or all for an operator; of the log only its size, the same for everybody. */
static void
test_count (void **state)
{
	static uint8_t answer[SIAGA_MESSAGE_MAX];
	size_t size = 0;

	(void) state;
	publish_all (7);
	hub_open (s_hub, 20, "kpu/ops", NULL);
	hub_open (s_hub, 21, "m-red/b", NULL); /* neither reads nor operates */
	assert_int_equal (ask_status (READER (0)), 2);
	for (size_t reader = 1; reader + 1 < READERS; reader++)
		assert_int_equal (ask_status (READER (reader)), 1);
	assert_int_equal (ask_status (READER (READERS - 1)), 2);
	assert_int_equal (ask_status (20), 3 + READERS);
	assert_int_equal (ask_status (21), 0);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EROLE);
	/* Those who are alone there and have names of one length are told the same bytes but for the name and time. */
	for (size_t reader = 1; reader <= 3; reader++) {
		say_query (READER (reader), SIAGA_QUERY_STATUS, 0, false);
		assert_int_equal (take (reader), SIAGA_RESULT);
		char *name = memmem (s_hub->frame, s_hub->frame_size, "m-", 2);
		assert_non_null (name);
		if (size == 0)
			memcpy (answer, s_hub->frame, size = s_hub->frame_size);
		assert_int_equal (s_hub->frame_size, size);
		assert_memory_equal (s_hub->frame, answer, (uint8_t *) name - s_hub->frame);
	}
}

static void
test_table_is_whole (void **state)
{
	(void) state;
	for (size_t i = 0; i < AUDIENCES; i++)
		for (size_t tlp = 0; tlp < TLPS; tlp++) {
			assert_int_equal (strlen (table[i][tlp]), READERS);
			assert_int_equal (strspn (table[i][tlp], "+-"), READERS);
		}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
		cmocka_unit_test (test_table_is_whole),
		TEST (test_live),
		TEST (test_replay),
		TEST (test_show_and_story),
		TEST (test_respond),
		TEST (test_count),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
