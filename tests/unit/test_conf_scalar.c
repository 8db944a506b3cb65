/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values whose type the file may choose, and groups within groups of their own kind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "common/conf.h"
#include "siaga/error.h"

struct tree {
	unsigned line;
	struct conf_scalar value;
	struct conf_scalars values;
	struct tree *left;
	struct conf_list more;
};

static bool
tree_check (const void *value, char reason[CONF_REASON_MAX])
{
	const struct tree *tree = value;

	if (tree->value.kind != CONF_SCALAR_NONE)
		return true;
	snprintf (reason, CONF_REASON_MAX, "a tree needs a value");
	return false;
}

static bool
not_seven (const void *value, char reason[CONF_REASON_MAX])
{
	const struct conf_scalar *scalar = value;

	snprintf (reason, CONF_REASON_MAX, "must not be seven");
	return strcmp (scalar->text, "7") != 0;
}

static const struct conf_schema schema;
static const struct conf_field fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct tree, line)},
	CONF_FIELD ("value", CONF_SCALAR, struct tree, value, .check = not_seven),
	CONF_FIELD ("values", CONF_SCALAR_LIST, struct tree, values, .max = 3, .check = not_seven),
	CONF_FIELD ("left", CONF_GROUP_OR_NULL, struct tree, left, .schema = &schema,
		    .check = tree_check),
	CONF_FIELD ("more", CONF_GROUP_LIST, struct tree, more, .schema = &schema),
};
static const struct conf_schema schema = CONF_SCHEMA (struct tree, fields);

static int
parse (const char *text, struct tree *tree, struct conf_error *error)
{
	return conf_parse ("x.conf", text, strlen (text), &schema, tree, error);
}

static void
test_conf_scalar_keeps_its_type (void **state)
{
	struct tree tree;
	struct conf_error error;

	(void) state;
	assert_int_equal (
		parse ("value = -5000000000L; values = (1, \"1\", false);", &tree, &error), 0);
	assert_int_equal (tree.value.kind, CONF_SCALAR_NUMBER);
	assert_int_equal (tree.value.number, INT64_C (-5000000000));
	assert_string_equal (tree.value.text, "-5000000000");
	assert_int_equal (tree.values.count, 3);
	assert_int_equal (tree.values.items[0].kind, CONF_SCALAR_NUMBER);
	assert_int_equal (tree.values.items[1].kind, CONF_SCALAR_TEXT);
	assert_string_equal (tree.values.items[1].text, "1");
	assert_int_equal (tree.values.items[2].kind, CONF_SCALAR_BOOL);
	assert_false (tree.values.items[2].yes);
	assert_string_equal (tree.values.items[2].text, "false");
	conf_free (&schema, &tree);
	assert_int_equal (parse ("values = \"one\";", &tree, &error), 0);
	assert_int_equal (tree.value.kind, CONF_SCALAR_NONE);
	assert_null (tree.value.text);
	assert_int_equal (tree.values.count, 1);
	conf_free (&schema, &tree);
	assert_null (tree.values.items);
}

static void
test_conf_group_in_its_own_kind (void **state)
{
	struct tree tree;
	struct conf_error error;
	const struct tree *items;

	(void) state;
	assert_int_equal (parse ("left = { value = 1;\n left = { value = true; }; };\n"
				 "more = ({value = 2;},\n {more = ({left = {value = 3;};});});",
				 &tree, &error),
			  0);
	assert_int_equal (tree.left->value.number, 1);
	assert_int_equal (tree.left->left->line, 2);
	assert_true (tree.left->left->value.yes);
	assert_null (tree.left->left->left);
	items = tree.more.items;
	items = items[1].more.items;
	assert_int_equal (items[0].left->value.number, 3);
	assert_int_equal (items[0].line, 4);
	conf_free (&schema, &tree);
	conf_free (&schema, &tree);
}

static const struct {
	const char *text, *words;
} mistakes[] = {
	{"value = {};", "x.conf:1: value: must be text in quotes, a number, true or false"},
	{"value = [1];", "x.conf:1: value: must be text in quotes"},
	{"value = 7;", "x.conf:1: value: must not be seven"},
	{"values = (1,\n\"7\");", "x.conf:2: values: must not be seven"},
	{"values = [1, 2, 3, 4];", "x.conf:1: values: must have 0 to 3 items"},
	{"values = (1, (2));", "x.conf:1: values: must be text in quotes"},
	{"left = 1;", "x.conf:1: left: must be a group"},
	{"left = {value = 1; left = {value = 2;\nleft = {};};};",
	 "x.conf:2: left.left.left: a tree needs a value"},
	{"more = ({more = ({left = {\nvalue = 7;};});});",
	 "x.conf:2: more[0].more[0].left.value: must not be seven"},
	{"left = {value = 1;\nvlue = 2;};", "x.conf:2: left.vlue: unknown key, did you mean"},
};

static void
test_conf_scalar_mistakes_name_line_and_way (void **state)
{
	struct tree tree;
	struct conf_error error;

	(void) state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		assert_int_equal (parse (mistakes[i].text, &tree, &error), SIAGA_ECONF);
		if (strncmp (error.words, mistakes[i].words, strlen (mistakes[i].words)) != 0)
			fail_msg ("\"%s\" is not \"%s\"", error.words, mistakes[i].words);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_conf_scalar_keeps_its_type),
		cmocka_unit_test (test_conf_group_in_its_own_kind),
		cmocka_unit_test (test_conf_scalar_mistakes_name_line_and_way),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
