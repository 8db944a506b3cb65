/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga/wire.h: every message comes back as it went out, and nothing else is a message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "make_message.h"

static struct siaga_message s_message, s_read;
static uint8_t s_buffer[SIAGA_MESSAGE_MAX + 1], s_again[SIAGA_MESSAGE_MAX];

typedef void
make_fn (struct siaga_message *message, enum siaga_message_type type);

static struct siaga_bytes
s_frame (make_fn *make, enum siaga_message_type type)
{
	make (&s_message, type);
	return make_frame (s_buffer, SIAGA_MESSAGE_MAX, &s_message);
}

static void
s_assert_round_trip (make_fn *make, enum siaga_message_type type)
{
	struct siaga_bytes frame = s_frame (make, type);
	int rc = siaga_message_read (frame, &s_read);
	if (rc)
		fail_msg ("%s: %s", siaga_message_name (type), siaga_error_id (rc));
	assert_int_equal (s_read.type, type);
	struct siaga_bytes again = make_frame (s_again, sizeof s_again, &s_read);
	assert_int_equal (again.size, frame.size);
	assert_memory_equal (again.data, frame.data, frame.size);
}

static void
test_wire_every_message_round_trips (void **state)
{
	(void) state;
	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++) {
		s_assert_round_trip (make_message, type);
		s_assert_round_trip (make_extreme_message, type);
	}
}

/* The round trip above can not see two fields exchanged on both ways: these are the numbers. */
static void
test_wire_fields_land_where_they_belong (void **state)
{
	(void) state;
	assert_int_equal (siaga_message_read (s_frame (make_message, SIAGA_REFUSED), &s_read), 0);
	assert_int_equal (s_read.refused.what, SIAGA_PUBLISH);
	assert_int_equal (s_read.refused.code, SIAGA_EMALFORMED);
	assert_true (siaga_text_equal (s_read.refused.words, s_message.refused.words));
	assert_int_equal (s_read.refused.retry_ms, 0);
	assert_true (s_read.refused.has_epoch);
	assert_int_equal (s_read.refused.first_oseq, 5);
	assert_int_equal (s_read.refused.expected_oseq, 0);
	assert_int_equal (s_read.refused.bad_count, 2);
	assert_ptr_equal (s_read.refused.bad, s_read.bad);
	assert_int_equal (s_read.bad[1].index, 2);
	assert_int_equal (s_read.bad[1].code, SIAGA_EKNOWN);

	assert_int_equal (siaga_message_read (s_frame (make_message, SIAGA_SUBSCRIBE), &s_read), 0);
	assert_int_equal (s_read.subscribe.filter.min_severity, SIAGA_SEVERITY_HIGH);
	assert_true (s_read.subscribe.cursor.has_log && s_read.subscribe.cursor.has_mark);
	assert_int_equal (s_read.subscribe.cursor.next, 212);
	assert_int_equal (s_read.subscribe.credit, 262144);

	assert_int_equal (siaga_message_read (s_frame (make_message, SIAGA_STATUS), &s_read), 0);
	assert_int_equal (s_read.status.now_us, s_message.status.now_us);
	assert_int_equal (s_read.status.in_flight, s_message.status.in_flight);
	assert_int_equal (s_read.status.lost, 6);
	assert_int_equal (s_read.status.disk_free, 7);
	assert_int_equal (s_read.status.aside, 8);
	assert_int_equal (s_read.status.sources.size, s_message.status.sources.size);
	assert_memory_equal (s_read.status.sources.data, s_message.status.sources.data,
			     s_read.status.sources.size);

	assert_int_equal (siaga_message_read (s_frame (make_message, SIAGA_PONG), &s_read), 0);
	assert_memory_equal (&s_read.pong, &s_message.pong, sizeof s_read.pong);

	assert_int_equal (siaga_message_read (s_frame (make_message, SIAGA_CREDIT), &s_read), 0);
	assert_memory_equal (&s_read.credit, &s_message.credit, sizeof s_read.credit);

	assert_int_equal (siaga_message_read (s_frame (make_message, SIAGA_RESULT), &s_read), 0);
	assert_int_equal (s_read.result.part, 1);
	assert_int_equal (s_read.result.of, 2);
}

static void
test_wire_deliveries_are_read_one_by_one (void **state)
{
	(void) state;
	struct siaga_reader reader;
	struct siaga_delivery delivery;
	assert_int_equal (siaga_message_read (s_frame (make_message, SIAGA_DELIVER), &s_read), 0);
	siaga_reader_init (&reader, s_read.deliver.items.data, s_read.deliver.items.size);
	assert_int_equal (siaga_deliveries_begin (&reader), 2);
	for (uint64_t i = 0; i < 2; i++) {
		siaga_delivery_read (&reader, &delivery);
		assert_int_equal (delivery.number, 212 + i);
		assert_int_equal (delivery.accepted_us, MAKE_TIME_US);
		assert_int_equal (delivery.batch.size, 8);
	}
	assert_int_equal (siaga_reader_end (&reader), 0);
}

static void
test_wire_delivery_overhead_is_an_upper_bound (void **state)
{
	(void) state;
	struct siaga_writer writer;
	const struct siaga_delivery delivery = {UINT64_MAX, UINT64_MAX,
						make_long_bytes (SIAGA_BATCH_MAX)};
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	siaga_delivery_write (&writer, &delivery);
	assert_true (writer.size <= SIAGA_BATCH_MAX + SIAGA_DELIVERY_OVERHEAD);
}

static void
test_wire_deliver_may_only_move_the_reader (void **state)
{
	(void) state;
	make_message (&s_message, SIAGA_DELIVER);
	s_message.deliver.items = (struct siaga_bytes){NULL, 0};
	struct siaga_bytes frame = make_frame (s_buffer, sizeof s_buffer, &s_message);
	assert_int_equal (siaga_message_read (frame, &s_read), 0);
	assert_int_equal (s_read.deliver.through, 214);
	assert_int_equal (s_read.deliver.items.size, 1);
}

static void
test_wire_message_cut_anywhere_is_malformed (void **state)
{
	(void) state;
	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++) {
		struct siaga_bytes frame = s_frame (make_message, type);
		for (size_t size = 0; size < frame.size; size++) {
			uint8_t *part =
				malloc (size + !size); /* so that a sanitizer sees its end */
			memcpy (part, frame.data, size);
			int rc = siaga_message_read ((struct siaga_bytes){part, size}, &s_read);
			if (rc != SIAGA_EMALFORMED)
				fail_msg ("%s cut to %zu: %s", siaga_message_name (type), size,
					  siaga_error_id (rc));
			free (part);
		}
	}
}

static void
test_wire_message_with_any_byte_changed_never_reads_past_its_end (void **state)
{
	(void) state;
	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++) {
		struct siaga_bytes frame = s_frame (make_message, type);
		uint8_t *copy = malloc (frame.size);
		for (size_t i = 0; i < frame.size; i++)
			for (unsigned byte = 0; byte < 256; byte++) {
				memcpy (copy, frame.data, frame.size);
				copy[i] = (uint8_t) byte;
				siaga_message_read ((struct siaga_bytes){copy, frame.size},
						    &s_read);
			}
		free (copy);
	}
}

static void
test_wire_rejects_a_trailing_byte (void **state)
{
	(void) state;
	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++) {
		struct siaga_bytes frame = s_frame (make_message, type);
		s_buffer[frame.size++] = 0;
		assert_int_equal (siaga_message_read (frame, &s_read), SIAGA_EMALFORMED);
	}
}

static void
test_wire_rejects_an_item_too_many (void **state)
{
	(void) state;
	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++) {
		struct siaga_bytes frame = s_frame (make_message, type);
		s_buffer[0]++;
		s_buffer[frame.size++] = 0;
		assert_int_equal (siaga_message_read (frame, &s_read), SIAGA_EMALFORMED);
	}
}

static void
test_wire_rejects_a_frame_over_64_KiB (void **state)
{
	(void) state;
	memset (s_buffer, 0, sizeof s_buffer);
	assert_int_equal (
		siaga_message_read ((struct siaga_bytes){s_buffer, sizeof s_buffer}, &s_read),
		SIAGA_ELIMIT);
}

static void
test_wire_does_not_write_a_message_over_64_KiB (void **state)
{
	(void) state;
	static uint8_t large[2 * SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;
	make_message (&s_message, SIAGA_RESULT);
	s_message.result.payload = make_long_bytes (SIAGA_MESSAGE_MAX);
	siaga_writer_init (&writer, large, sizeof large);
	assert_int_equal (siaga_message_write (&writer, &s_message), SIAGA_ELIMIT);
}

struct wrong {
	const char *claim;
	const char *hex;
	int error;
};

static const struct wrong s_wrongs[] = {
	{"type 0", "8100", SIAGA_EGRAMMAR},
	{"type 18", "8112", SIAGA_EGRAMMAR},
	{"type 2^64 - 1", "811bffffffffffffffff", SIAGA_EGRAMMAR},
	{"no items", "80", SIAGA_EMALFORMED},
	{"not a list", "a0", SIAGA_EMALFORMED},
	{"a type that is text", "816131", SIAGA_EMALFORMED},
	{"KNOCK of another protocol", "84016573696167620101", SIAGA_EMALFORMED},
	{"KNOCK", "84016573696167610101", 0},
	{"KNOCK from 2 to 1", "84016573696167610201", SIAGA_EMALFORMED},
	{"KNOCK from 0", "84016573696167610001", SIAGA_EMALFORMED},
	{"REFUSED for no reason", "8505060060a0", SIAGA_EMALFORMED},
	{"REFUSED with a code of a later version", "850506183f60a0", 0},
	{"REFUSED with code 64", "850506184060a0", SIAGA_ELIMIT},
	{"REFUSED, retry in 0 ms", "8505060960a10100", SIAGA_EMALFORMED},
	{"REFUSED with a detail of a later version", "8505060960a10700", SIAGA_EUPGRADE},
	{"REFUSED for no entries", "8505060960a10580", SIAGA_EMALFORMED},
	{"REFUSED for an entry without a code",
	 "8505060960a105818200"
	 "00",
	 SIAGA_EMALFORMED},
	{"REFUSED for entry 1024",
	 "8505060960a1058182190400"
	 "09",
	 SIAGA_ELIMIT},
	{"PUBLISH of nothing", "820640", SIAGA_EMALFORMED},
	{"ACK of oseq 0",
	 "840748000000000000000000"
	 "00",
	 SIAGA_EMALFORMED},
	{"SUBSCRIBE from the beginning",
	 "850801a083400040"
	 "00",
	 0},
	{"SUBSCRIBE with a short log id",
	 "850801a083410000"
	 "40"
	 "00",
	 SIAGA_EMALFORMED},
	{"SUBSCRIBE with a mark before number 0",
	 "850801a08340005820000000000000000000000000000000000000000000000000000000000000000000",
	 SIAGA_EMALFORMED},
	{"SUBSCRIBE with over 1 MiB of credit", "850801a0834000401a00100001", SIAGA_ELIMIT},
	{"SUBSCRIBE with a condition of a later version", "850801a10900834000401a00100000",
	 SIAGA_EUPGRADE},
	{"DELIVER of an empty log",
	 "8509010040"
	 "80",
	 0},
	{"DELIVER through 1 without a mark",
	 "8509010140"
	 "80",
	 SIAGA_EMALFORMED},
	{"DELIVER of an empty batch",
	 "850901004081830000"
	 "40",
	 SIAGA_EMALFORMED},
	{"DELIVER of a pair",
	 "85090100408182"
	 "0000",
	 SIAGA_EMALFORMED},
	{"STATUS without a time", "820ba0", SIAGA_EMALFORMED},
	{"STATUS with a key of a later version", "820ba201010bf5", 0},
	{"STATUS with no sources told of", "820ba201010780", SIAGA_EMALFORMED},
	{"STATUS with a source without a name",
	 "820ba20101078186"
	 "60"
	 "00000000"
	 "60",
	 SIAGA_EMALFORMED},
	{"STATUS with a source",
	 "820ba20101078186"
	 "6161"
	 "00000000"
	 "60",
	 0},
	{"STATUS with key 0", "820ba200000101", SIAGA_EMALFORMED},
	{"QUERY for nothing", "840d0100a0", SIAGA_EMALFORMED},
	{"QUERY for number 0", "840d0101a10100", 0},
	{"QUERY with a condition of a later version", "840d0101a10300", SIAGA_EUPGRADE},
	{"RESULT part 0", "850e01000140", SIAGA_EMALFORMED},
	{"RESULT part 2 of 1", "850e01020140", SIAGA_EMALFORMED},
	{"RESULT that is empty", "850e01010140", 0},
	{"CHECKPOINT that is empty", "821060", SIAGA_EMALFORMED},
	{"BYE", "83110060", 0},
};

static void
test_wire_refuses_what_is_not_in_the_grammar (void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof s_wrongs / sizeof *s_wrongs; i++) {
		const struct wrong *wrong = &s_wrongs[i];
		uint8_t bytes[128];
		size_t size = strlen (wrong->hex) / 2;
		assert_int_equal (siaga_hex_parse (bytes, size, siaga_text (wrong->hex)), 0);
		int rc = siaga_message_read ((struct siaga_bytes){bytes, size}, &s_read);
		if (rc != wrong->error)
			fail_msg ("%s: got %s", wrong->claim, siaga_error_id (rc));
	}
}

static void
test_wire_codes_that_stay_at_home_travel_as_internal (void **state)
{
	(void) state;
	make_message (&s_message, SIAGA_BYE);
	s_message.bye.code = SIAGA_ENOMEM;
	struct siaga_bytes frame = make_frame (s_buffer, sizeof s_buffer, &s_message);
	assert_int_equal (siaga_message_read (frame, &s_read), 0);
	assert_int_equal (s_read.bye.code, SIAGA_EINTERNAL);
}

static void
test_wire_every_type_has_a_name (void **state)
{
	(void) state;
	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++)
		assert_string_not_equal (siaga_message_name (type), "unknown");
	assert_string_equal (siaga_message_name (SIAGA_WELCOME), "WELCOME");
	assert_string_equal (siaga_message_name (0), "unknown");
	assert_string_equal (siaga_message_name (SIAGA_BYE + 1), "unknown");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_wire_every_message_round_trips),
		cmocka_unit_test (test_wire_fields_land_where_they_belong),
		cmocka_unit_test (test_wire_deliveries_are_read_one_by_one),
		cmocka_unit_test (test_wire_delivery_overhead_is_an_upper_bound),
		cmocka_unit_test (test_wire_deliver_may_only_move_the_reader),
		cmocka_unit_test (test_wire_message_cut_anywhere_is_malformed),
		cmocka_unit_test (test_wire_message_with_any_byte_changed_never_reads_past_its_end),
		cmocka_unit_test (test_wire_rejects_a_trailing_byte),
		cmocka_unit_test (test_wire_rejects_an_item_too_many),
		cmocka_unit_test (test_wire_rejects_a_frame_over_64_KiB),
		cmocka_unit_test (test_wire_does_not_write_a_message_over_64_KiB),
		cmocka_unit_test (test_wire_refuses_what_is_not_in_the_grammar),
		cmocka_unit_test (test_wire_codes_that_stay_at_home_travel_as_internal),
		cmocka_unit_test (test_wire_every_type_has_a_name),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
