/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keygen, card and roster as people use them: what they leave behind and what they exit with. Their
 * words on standard output go to a file.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>

#include "cli/cmd.h"
#include "playbook_fixture.h"

#define WORDS_MAX 16

static char directory[64];

static void
redirect (const char *path, int descriptor)
{
	int file = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true (file >= 0);
	assert_int_equal (dup2 (file, descriptor), descriptor);
	close (file);
}

/* Runs "keygen|bssn/soc-1|…" with standard output and error in files `out` and `err`. */
static int
run (const char *line)
{
	int (*const commands[]) (int, char **) = {cmd_keygen, cmd_card, cmd_roster};
	static const char *const names[] = {"keygen", "card", "roster"};
	int saved_out = dup (STDOUT_FILENO), saved_err = dup (STDERR_FILENO), status = -1, argc = 0;
	char copy[2048], *argv[WORDS_MAX + 1], *rest = copy;

	snprintf (copy, sizeof copy, "%s", line);
	while (argc < WORDS_MAX && (argv[argc] = strsep (&rest, "|")) != NULL)
		argc++;
	argv[argc] = NULL;
	fflush (NULL);
	redirect ("out", STDOUT_FILENO);
	redirect ("err", STDERR_FILENO);
	optind = 0;
	for (size_t i = 0; i < 3; i++)
		if (strcmp (argv[0], names[i]) == 0)
			status = commands[i](argc, argv);
	fflush (NULL);
	dup2 (saved_out, STDOUT_FILENO);
	dup2 (saved_err, STDERR_FILENO);
	close (saved_out);
	close (saved_err);
	return status;
}

/* Does the file hold these words? */
static bool
holds (const char *path, const char *words)
{
	uint8_t *data;
	size_t size;
	bool found;

	assert_int_equal (file_read (path, 1 << 20, &data, &size), 0);
	found = strstr ((char *) data, words) != NULL;
	free (data);
	return found;
}

static int
begin (void **state)
{
	(void) state;
	fixture_enter (directory);
	assert_non_null (freopen ("/dev/null", "r", stdin)); /* no terminal: no passphrase */
	return unsetenv ("SIAGA_CONF");
}

static int
end (void **state)
{
	(void) state;
	fixture_leave (directory);
	return 0;
}

static void
test_keygen_makes_a_secret_file_and_prints_its_card (void **state)
{
	struct stat stat_of;

	(void) state;
	assert_int_equal (run ("keygen|bssn/soc-1"), CMD_OK);
	assert_int_equal (stat ("bssn-soc-1.identity", &stat_of), 0);
	assert_int_equal (stat_of.st_mode & 0777, 0600);
	assert_true (holds ("out", "siaga-card-1 bssn/soc-1 "));
	assert_true (holds ("err", "fingerprint "));
	assert_int_equal (run ("keygen|bssn/soc-1"), CMD_CANTCREAT);
	assert_int_equal (run ("keygen|--out|no/such/directory|bssn/soc-1"), CMD_CANTCREAT);
	assert_int_equal (run ("keygen|--out|x|--no-passphrase|bssn/soc-1"), CMD_OK);
	assert_int_equal (run ("keygen|bssn"), CMD_USAGE);
	assert_int_equal (run ("keygen"), CMD_USAGE);
	assert_int_equal (run ("keygen|--nonsense"), CMD_USAGE);
	assert_int_equal (run ("keygen|--help"), CMD_OK);
}

static void
test_card_reads_identities_cards_and_lines (void **state)
{
	char line[SIAGA_CARD_MAX], command[SIAGA_CARD_MAX + 8];

	(void) state;
	assert_int_equal (run ("keygen|--out|id|bssn/soc-1"), CMD_OK);
	assert_int_equal (run ("card|id"), CMD_OK);
	assert_int_equal (rename ("out", "card"), 0);
	assert_int_equal (run ("card|card"), CMD_OK);
	assert_int_equal (fixture_run ("cmp out card"), 0);
	assert_int_equal (run ("card|--fingerprint|card"), CMD_OK);
	assert_int_equal (fixture_run ("grep -Ex '[A-Z2-7]{4}(-[A-Z2-7]{4}){3}' out"), 0);
	siaga_card_write (&fixture_identity ("bssn/soc-1")->card, line);
	snprintf (command, sizeof command, "card|%s", line);
	assert_int_equal (run (command), CMD_OK);
	command[strlen (command) - 5] ^= 1;
	assert_int_equal (run (command), CMD_DATA);
	assert_int_equal (run ("card|none"), CMD_NOINPUT);
	assert_int_equal (run ("card|-"), CMD_DATA); /* nothing there */
	assert_int_equal (run ("card"), CMD_USAGE);
}

static void
test_roster_check_tells_every_problem (void **state)
{
	static char text[FIXTURE_TEXT_MAX];

	(void) state;
	fixture_text (text, NULL, NULL);
	fixture_write ("roster.conf", text);
	assert_int_equal (run ("roster|check|roster.conf"), CMD_OK);
	assert_true (holds ("err", "signatures were not checked"));
	fixture_text (text, "\"publish\", \"read\"", "\"publsh\", \"raed\"");
	fixture_write ("roster.conf", text);
	assert_int_equal (run ("roster|check|roster.conf"), CMD_REFUSED);
	assert_true (holds ("err", "roster.conf:14: principals[1].roles: unknown role \"publsh\""));
	assert_true (holds ("err", "roster.conf:14: principals[1].roles: unknown role \"raed\""));
	fixture_text (text, "playbook = (", "playbook = ({ lead = \"bssn\"; },");
	fixture_write ("roster.conf", text);
	assert_int_equal (run ("roster|check|roster.conf"), CMD_REFUSED);
	assert_true (
		holds ("err", "roster.conf:24: playbook: can never match: the rule on line 23 "));
	assert_int_equal (run ("roster|check|none"), CMD_NOINPUT);
	assert_int_equal (run ("roster|check"), CMD_USAGE);
	assert_int_equal (run ("roster|check|--root|x|roster.conf"), CMD_USAGE);
	assert_int_equal (run ("roster|check|--network|x|roster.conf"), CMD_USAGE);
	assert_int_equal (run ("roster|nonsense"), CMD_USAGE);
	assert_int_equal (run ("roster"), CMD_USAGE);
}

static void
test_roster_check_verifies_with_roots (void **state)
{
	static char text[FIXTURE_TEXT_MAX];
	char root[128], line[512];
	FILE *file;

	(void) state;
	if (!fixture_has_minisign ())
		skip ();
	fixture_text (text, "2027-03-01", "2099-03-01");
	fixture_write ("roster.conf", text);
	fixture_root ("root");
	file = fopen ("root.pub", "r");
	assert_non_null (file);
	assert_int_equal (fscanf (file, "%*[^\n]\n%127s", root), 1);
	fclose (file);
	snprintf (line, sizeof line, "roster|check|--network|pemilu-2024|--root|%s|roster.conf",
		  root);
	assert_int_equal (run (line), CMD_REFUSED);
	assert_true (holds ("err", "signed by 0 of the 1"));
	fixture_sign ("root", "roster.conf", "roster.conf.minisig",
		      "siaga roster network=pemilu-2024 serial=7");
	assert_int_equal (run (line), CMD_OK);
	assert_true (holds ("out", "good and signed"));
	snprintf (line, sizeof line,
		  "roster|check|--min-serial|8|--network|pemilu-2024|--root|%s|roster.conf", root);
	assert_int_equal (run (line), CMD_REFUSED);
	snprintf (
		line, sizeof line,
		"network = \"pemilu-2024\"; roots = [\"%s\"]; roster = \"x\"; identity = \"y\"; more = 1;",
		root);
	fixture_write ("agent.conf", line);
	assert_int_equal (run ("roster|check|-c|agent.conf|roster.conf"), CMD_OK);
	assert_int_equal (setenv ("SIAGA_CONF", "none.conf", 1), 0);
	assert_int_equal (run ("roster|check|roster.conf"), CMD_CONFIG);
	assert_int_equal (unsetenv ("SIAGA_CONF"), 0);
}

static void
test_roster_enroll_and_show (void **state)
{
	static char text[FIXTURE_TEXT_MAX];
	struct stat stat_of;

	(void) state;
	fixture_text (text, NULL, NULL);
	fixture_write ("roster.conf", text);
	assert_int_equal (chmod ("roster.conf", 0640), 0);
	assert_int_equal (run ("keygen|--out|id|bssn/soc-9"), CMD_OK);
	assert_int_equal (run ("roster|enroll|--role|publish|--role|read|id"), CMD_OK);
	assert_true (holds ("err", "enrolled bssn/soc-9, fingerprint "));
	assert_int_equal (stat ("roster.conf", &stat_of), 0);
	assert_int_equal (stat_of.st_mode & 0777, 0640);
	assert_int_equal (run ("roster|enroll|id"), CMD_REFUSED);
	assert_int_equal (run ("roster|enroll|--role|king|id"), CMD_USAGE);
	assert_int_equal (run ("roster|enroll|--roster|none|id"), CMD_NOINPUT);
	assert_int_equal (run ("roster|show"), CMD_OK);
	assert_true (holds ("out", "{\"name\":\"bssn/soc-9\",\"roles\":[\"publish\",\"read\"]"));
	assert_int_equal (run ("roster|show|--format|text|roster.conf"), CMD_OK);
	assert_true (holds ("out", "bssn/soc-9"));
	assert_int_equal (run ("roster|show|--format|xml"), CMD_USAGE);
}

static void
test_roster_show_has_the_whole_playbook (void **state)
{
	static char text[FIXTURE_TEXT_MAX];

	(void) state;
	playbook_text (
		text, PLAYBOOK_MEMBERS PLAYBOOK_SYSTEMS
		"phases = ({ name = \"quiet\"; from = \"2026-11-01T00:00:00Z\";\n"
		"  until = \"2026-12-01T00:00:00Z\"; });\n"
		"playbook_defaults = { take_within = \"2h\"; };\n"
		"playbook = ({ max_tlp = \"amber\"; status = [\"test\"]; lead = \"kpu\";\n"
		"  steps = ({ member = \"bssn\"; action = \"Look.\"; });\n"
		"  during = ({ phase = \"quiet\"; escalation = [\"bssn\", \"everyone\"]; }); });\n");
	fixture_write ("roster.conf", text);
	assert_int_equal (run ("roster|show"), CMD_OK);
	assert_true (holds ("out", "\"duty_phone\":\"+62 2\",\"mail\":\"b@x\""));
	assert_true (holds ("out", "\"phases\":[{\"name\":\"quiet\",\"from\":\"2026-11-01T"));
	assert_true (holds ("out", "\"expected_tlp\":\"amber\",\"take_within_s\":7200}"));
	assert_true (holds ("out", "\"max_tlp\":\"amber\",\"status\":[\"test\"],\"lead\":\"kpu\""));
	assert_true (holds ("out", "[{\"member\":\"bssn\",\"action\":\"Look.\"}]"));
	assert_true (
		holds ("out", "[{\"phase\":\"quiet\",\"escalation\":[\"bssn\",\"everyone\"]}]"));
	assert_int_equal (run ("roster|show|--format|text"), CMD_OK);
	assert_true (holds ("out", "+62 2, b@x\n"));
	assert_true (holds ("out",
			    "  anything from info up to TLP amber test:  lead kpu\n"
			    "    during quiet:  escalation bssn,everyone\n    bssn: Look.\n"));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST (test_keygen_makes_a_secret_file_and_prints_its_card),
		TEST (test_card_reads_identities_cards_and_lines),
		TEST (test_roster_check_tells_every_problem),
		TEST (test_roster_check_verifies_with_roots),
		TEST (test_roster_enroll_and_show),
		TEST (test_roster_show_has_the_whole_playbook),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
