/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An LD_PRELOAD library that counts a program's allocations and makes one of them fail (tests/alloc/alloc.py).
 *
 * An allocation is told by its place: the module that asked for it, and the frames of the program itself below. Places are
 * the same in every run, which the mere number of an allocation is not once there are threads.
 *
 *	SIAGA_ALLOC_STATE   a file of struct state, shared with children and with the test
 *	SIAGA_ALLOC_ROLE    the process meant: the program's name, or what a child names itself by PR_SET_NAME
 *	SIAGA_ALLOC_PLACE   the place whose allocation fails, in hex; none: only count
 *	SIAGA_ALLOC_WHICH   the how many-th of it in a process, from 1
 *	SIAGA_ALLOC_TIMES   how many fail from there on, wherever they are; 1
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLACES_MAX 8192
#define FRAMES_MAX 40
#define FRAMES_KEPT 6

struct place {
	uint64_t key;	/* 0: unused */
	uint64_t count; /* in the process that had most of them */
	uint64_t
		frames[FRAMES_KEPT]; /* addresses in the program's file, innermost first; 0: none */
	char module[40];	     /* of who asked */
};

struct state {
	uint64_t fired; /* allocations that failed */
	uint64_t fired_pid;
	uint64_t allocations;
	uint64_t full; /* places that found no room */
	struct place places[PLACES_MAX];
};

void *
__libc_malloc (size_t size);
void *
__libc_calloc (size_t count, size_t size);
void *
__libc_realloc (void *old, size_t size);
void *
__libc_memalign (size_t alignment, size_t size);

static struct state *s_state;
static const char *s_role;
static uint64_t s_place;
static uint64_t s_which;
static uint64_t s_times = 1;
static bool s_is_meant;		      /* this process is of the role */
static uint64_t s_counts[PLACES_MAX]; /* of this process */
static __thread bool s_inside;	      /* no counting of what counting needs */
static uintptr_t s_program;	      /* where it is loaded */
static uintptr_t s_program_end;

static int
s_find_program (struct dl_phdr_info *info, size_t size, void *arg)
{
	(void) size;
	(void) arg;
	s_program = info->dlpi_addr; /* the first is the program */
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t end =
			info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
		if (info->dlpi_phdr[i].p_type == PT_LOAD && end > s_program_end)
			s_program_end = end;
	}
	return 1;
}

static uint64_t
s_number (const char *name, int base, uint64_t fallback)
{
	const char *value = getenv (name);

	return value ? strtoull (value, NULL, base) : fallback;
}

static void __attribute__ ((constructor)) s_begin (void)
{
	const char *path = getenv ("SIAGA_ALLOC_STATE");
	void *frames[2];

	s_inside = true;
	backtrace (frames, 2); /* loads what it needs */
	dl_iterate_phdr (s_find_program, NULL);
	s_role = getenv ("SIAGA_ALLOC_ROLE");
	s_place = s_number ("SIAGA_ALLOC_PLACE", 16, 0);
	s_which = s_number ("SIAGA_ALLOC_WHICH", 10, 1);
	s_times = s_number ("SIAGA_ALLOC_TIMES", 10, 1);
	int fd = path ? open (path, O_RDWR | O_CLOEXEC) : -1;
	void *map =
		fd < 0 ? MAP_FAILED
		       : mmap (NULL, sizeof *s_state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close (fd);
	s_is_meant = s_role && strcmp (s_role, program_invocation_short_name) == 0;
	s_state = map == MAP_FAILED ? NULL : map;
	s_inside = false;
}

/* A child that says what it is: its counts begin anew. */
int
prctl (int option, ...)
{
	unsigned long a[4];
	va_list args;

	va_start (args, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg (args, unsigned long);
	va_end (args);
	if (option == PR_SET_NAME && s_role) {
		s_is_meant = strcmp (s_role, (const char *) a[0]) == 0;
		memset (s_counts, 0, sizeof s_counts);
	}
	return (int) syscall (SYS_prctl, option, a[0], a[1], a[2], a[3]);
}

static bool
s_is_plumbing (const char *module)
{
	return strstr (module, "fail_alloc") || strstr (module, "/libc.so") ||
	       strstr (module, "ld-linux") || strstr (module, "libstdc++") ||
	       strstr (module, "libgcc");
}

/* Who asked, and the program's own frames. */
static void
s_look (struct place *place)
{
	void *frames[FRAMES_MAX];
	int count = backtrace (frames, FRAMES_MAX), kept = 0;
	Dl_info info;

	for (int i = 1; i < count; i++) {
		uintptr_t at = (uintptr_t) frames[i];
		bool own = at >= s_program && at < s_program_end;
		if (own && kept < FRAMES_KEPT)
			place->frames[kept++] = at - s_program;
		if (place->module[0] || (!own && (!dladdr (frames[i], &info) || !info.dli_fname ||
						  s_is_plumbing (info.dli_fname))))
			continue;
		const char *name = own ? "program" : strrchr (info.dli_fname, '/');
		strncpy (place->module,
			 own	? name
			 : name ? name + 1
				: info.dli_fname,
			 sizeof place->module - 1);
	}
}

static uint64_t
s_hash (const struct place *place)
{
	uint64_t hash = UINT64_C (14695981039346656037);
	const uint8_t *bytes = (const uint8_t *) place->frames;

	for (size_t i = 0; i < sizeof place->frames; i++)
		hash = (hash ^ bytes[i]) * UINT64_C (1099511628211);
	for (const char *at = place->module; *at; at++)
		hash = (hash ^ (uint8_t) *at) * UINT64_C (1099511628211);
	return hash ? hash : 1;
}

static size_t
s_slot (const struct place *place, uint64_t key)
{
	for (size_t i = 0; i < PLACES_MAX; i++) {
		struct place *slot = &s_state->places[(key + i) % PLACES_MAX];
		uint64_t none = 0;
		if (__atomic_compare_exchange_n (&slot->key, &none, key, false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST)) {
			memcpy (slot->frames, place->frames, sizeof slot->frames);
			memcpy (slot->module, place->module, sizeof slot->module);
			return (key + i) % PLACES_MAX;
		}
		if (none == key)
			return (key + i) % PLACES_MAX;
	}
	return PLACES_MAX;
}

/* Is this the one? */
static bool
s_counts_and_fails (void)
{
	struct place place = {.key = 0};
	bool fails = false;

	s_look (&place);
	uint64_t key = s_hash (&place);
	size_t slot = s_slot (&place, key);
	__atomic_add_fetch (&s_state->allocations, 1, __ATOMIC_SEQ_CST);
	if (slot == PLACES_MAX) {
		s_state->full++;
		return false;
	}
	uint64_t count = __atomic_add_fetch (&s_counts[slot], 1, __ATOMIC_SEQ_CST);
	if (count > s_state->places[slot].count)
		s_state->places[slot].count = count;
	if (s_place == 0)
		return false;
	if (s_state->fired > 0 && s_state->fired < s_times)
		fails = s_state->fired_pid == (uint64_t) getpid ();
	else if (s_state->fired == 0)
		fails = key == s_place && count == s_which;
	if (fails) {
		s_state->fired_pid = (uint64_t) getpid ();
		s_state->fired++;
	}
	return fails;
}

static bool
s_fails (void)
{
	if (!s_state || !s_is_meant || s_inside)
		return false;
	s_inside = true;
	bool fails = s_counts_and_fails ();
	s_inside = false;
	if (fails)
		errno = ENOMEM;
	return fails;
}

void *
malloc (size_t size)
{
	return s_fails () ? NULL : __libc_malloc (size);
}

void *
calloc (size_t count, size_t size)
{
	return s_fails () ? NULL : __libc_calloc (count, size);
}

void *
realloc (void *old, size_t size)
{
	return size > 0 && s_fails () ? NULL : __libc_realloc (old, size);
}

void *
memalign (size_t alignment, size_t size)
{
	return s_fails () ? NULL : __libc_memalign (alignment, size);
}

void *
aligned_alloc (size_t alignment, size_t size)
{
	return s_fails () ? NULL : __libc_memalign (alignment, size);
}

int
posix_memalign (void **result, size_t alignment, size_t size)
{
	void *made = s_fails () ? NULL : __libc_memalign (alignment, size);

	if (!made)
		return ENOMEM;
	*result = made;
	return 0;
}
