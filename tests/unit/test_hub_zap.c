/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is let in: CURVE, in our domain, with a key of the list in force. Nobody before there is a list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hub/hub_limits.h"
#include "hub/zap.h"
#include "siaga/error.h"

static uint8_t key[SIAGA_KEY_BYTES];

static struct siaga_bytes
text (const char *string)
{
	return (struct siaga_bytes){(const uint8_t *) string, strlen (string)};
}

/* An honest question with `key`. */
static void
ask (struct siaga_bytes frames[ZAP_FRAMES])
{
	frames[0] = text ("1.0");
	frames[1] = text ("1");
	frames[2] = text (ZAP_DOMAIN);
	frames[3] = text ("192.0.2.1");
	frames[4] = text ("0123456789abcdef");
	frames[5] = text ("CURVE");
	frames[6] = (struct siaga_bytes){key, sizeof key};
}

static void
fill (struct zap_keys *keys, unsigned count)
{
	memset (keys, 0, sizeof *keys);
	for (unsigned i = count; i > 0; i--) {
		memset (key, (int) (i * 37), sizeof key);
		assert_int_equal (zap_keys_add (keys, (struct siaga_bytes){key, sizeof key}), 0);
	}
	zap_keys_seal (keys);
}

static const char *
verdict (const struct zap_keys *keys, const struct siaga_bytes *frames, size_t count)
{
	static struct zap_answer answer;

	zap_judge (keys, 1, frames, count, &answer);
	assert_int_equal (answer.user_id[0] != '\0', strcmp (answer.status, "200") == 0);
	return answer.status;
}

static void
test_zap_admits_every_listed_key_and_names_it (void **state)
{
	struct siaga_bytes frames[ZAP_FRAMES];
	uint8_t named[SIAGA_KEY_BYTES];
	struct zap_answer answer;
	struct zap_keys keys;
	uint64_t admission;

	(void) state;
	fill (&keys, 6);
	for (unsigned i = 1; i <= 6; i++) {
		memset (key, (int) (i * 37), sizeof key);
		ask (frames);
		zap_judge (&keys, UINT64_MAX - i, frames, ZAP_FRAMES, &answer);
		assert_string_equal (answer.status, "200");
		assert_int_equal (strlen (answer.user_id), ZAP_USER_ID_BYTES);
		assert_int_equal (zap_user_id_parse (answer.user_id, named, &admission), 0);
		assert_memory_equal (named, key, sizeof key);
		assert_int_equal (admission, UINT64_MAX - i);
	}
	zap_keys_finish (&keys);
}

static void
test_zap_user_id_of_another_shape_names_nobody (void **state)
{
	char user_id[ZAP_USER_ID_BYTES + 2];
	uint64_t admission;

	(void) state;
	memset (user_id, '0', sizeof user_id);
	user_id[ZAP_USER_ID_BYTES] = '\0';
	assert_int_equal (zap_user_id_parse (user_id, key, &admission), 0);
	user_id[7] = 'g';
	assert_int_equal (zap_user_id_parse (user_id, key, &admission), SIAGA_EMALFORMED);
	user_id[7] = '0';
	user_id[ZAP_USER_ID_BYTES - 1] = '\0';
	assert_int_equal (zap_user_id_parse (user_id, key, &admission), SIAGA_EMALFORMED);
	memset (user_id, '0', sizeof user_id - 1);
	user_id[ZAP_USER_ID_BYTES + 1] = '\0';
	assert_int_equal (zap_user_id_parse (user_id, key, &admission), SIAGA_EMALFORMED);
	assert_int_equal (zap_user_id_parse ("", key, &admission), SIAGA_EMALFORMED);
	assert_int_equal (zap_user_id_parse (NULL, key, &admission), SIAGA_EMALFORMED);
}

static void
test_zap_refuses_an_unlisted_key (void **state)
{
	struct siaga_bytes frames[ZAP_FRAMES];
	struct zap_keys keys;

	(void) state;
	fill (&keys, 6);
	memset (key, 1, sizeof key);
	ask (frames);
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "400");
	zap_keys_finish (&keys);
	fill (&keys, 0);
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "400");
	zap_keys_finish (&keys);
}

static void
test_zap_admits_nobody_before_there_is_a_list (void **state)
{
	struct siaga_bytes frames[ZAP_FRAMES];
	struct zap_keys keys = {.known = false};

	(void) state;
	ask (frames);
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "300");
	assert_int_equal (zap_keys_add (&keys, (struct siaga_bytes){key, sizeof key}), 0);
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "300");
	zap_keys_finish (&keys);
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "300");
}

static void
test_zap_wants_curve_in_its_domain (void **state)
{
	struct siaga_bytes frames[ZAP_FRAMES];
	struct zap_keys keys;

	(void) state;
	fill (&keys, 1);
	ask (frames);
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "200");
	frames[5] = text ("NULL");
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES - 1), "400");
	frames[5] = text ("PLAIN");
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "400");
	ask (frames);
	frames[2] = text ("");
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "400");
	ask (frames);
	frames[6].size--;
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "400");
	zap_keys_finish (&keys);
}

static void
test_zap_answers_nonsense_with_500 (void **state)
{
	struct siaga_bytes frames[ZAP_FRAMES];
	struct zap_keys keys;

	(void) state;
	fill (&keys, 1);
	ask (frames);
	for (size_t count = 0; count < ZAP_FRAMES - 1; count++)
		assert_string_equal (verdict (&keys, frames, count), "500");
	frames[0] = text ("2.0");
	assert_string_equal (verdict (&keys, frames, ZAP_FRAMES), "500");
	zap_keys_finish (&keys);
}

static void
test_zap_list_is_bounded (void **state)
{
	static uint8_t many[1000 * SIAGA_KEY_BYTES];
	struct siaga_bytes bytes = {many, sizeof many};
	struct zap_keys keys = {.known = false};
	size_t added = 0;

	(void) state;
	while (zap_keys_add (&keys, bytes) == 0)
		added += 1000;
	assert_true (added <= HUB_KEYS_MAX && added + 1000 > HUB_KEYS_MAX);
	assert_int_equal (keys.count, added);
	zap_keys_finish (&keys);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_zap_admits_every_listed_key_and_names_it),
		cmocka_unit_test (test_zap_user_id_of_another_shape_names_nobody),
		cmocka_unit_test (test_zap_refuses_an_unlisted_key),
		cmocka_unit_test (test_zap_admits_nobody_before_there_is_a_list),
		cmocka_unit_test (test_zap_wants_curve_in_its_domain),
		cmocka_unit_test (test_zap_answers_nonsense_with_500),
		cmocka_unit_test (test_zap_list_is_bounded),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
