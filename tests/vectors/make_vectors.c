/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the test vectors and the fuzz corpora made from the same bytes. Run it by hand after a change
 * of the format, and look at what changed:
 *
 *	make_vectors tests
 */
#include "vectors.h"

static void
write_file (const char *path, const void *data, size_t size)
{
	FILE *out = fopen (path, "wb");
	if (!out || fwrite (data, 1, size, out) != size || fclose (out)) {
		perror (path);
		exit (EXIT_FAILURE);
	}
}

static void
write_json (const struct vectors *vectors, const char *directory, const char *file)
{
	char path[4096], *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);
	if (!out)
		exit (EXIT_FAILURE);
	vectors_print (vectors, file, out);
	fclose (out);
	snprintf (path, sizeof path, "%s/vectors/%s.json", directory, file);
	write_file (path, text, size);
	free (text);
}

/* Only what is an entry, a batch or a message starts a fuzzer off well. */
static bool
is_seed (const struct vector *vector)
{
	static const char *const not_files[] = {"keys", "log"};
	static const char *const not_names[] = {"three-head", "three-head-hash"};
	for (size_t i = 0; i < 2; i++)
		if (strcmp (vector->file, not_files[i]) == 0 ||
		    strcmp (vector->name, not_names[i]) == 0)
			return false;
	return true;
}

static void
write_seed (const struct vector *vector, const char *directory)
{
	char path[4096];
	if (!is_seed (vector))
		return;
	snprintf (path, sizeof path, "%s/fuzz/corpus/%s/%s", directory, vector->file, vector->name);
	write_file (path, vector->bytes, vector->size);
}

int
main (int argc, char **argv)
{
	if (argc != 2) {
		fprintf (stderr, "usage: make_vectors TESTS-DIRECTORY\n");
		return EXIT_FAILURE;
	}
	struct vectors *vectors = vectors_new ();
	for (size_t i = 0; i < VECTOR_FILES; i++)
		write_json (vectors, argv[1], vector_files[i]);
	for (size_t i = 0; i < vectors->count; i++)
		write_seed (&vectors->items[i], argv[1]);
	vectors_destroy (&vectors);
	return EXIT_SUCCESS;
}
