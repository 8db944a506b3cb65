/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times and durations as text (RFC 3339). Microseconds since 1970 UTC, leap seconds not counted; no
 * time zone data, no locale, no clock.
 */
#include "siaga/error.h"
#include "siaga/names.h"

#define SECOND_US UINT64_C (1000000)
#define DAY_S INT64_C (86400)
#define YEAR_MIN 1970
#define TIME_MAX_US UINT64_C (253402300799999999) /* 9999-12-31T23:59:59.999999Z */
#define DURATION_MAX_US ((uint64_t) INT64_MAX) /* so that adding one to a time can not overflow */

struct civil {
	unsigned year, month, day;
};

static bool
s_is_leap (unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned
s_days_in_month (unsigned year, unsigned month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && s_is_leap (year) ? 29 : days[month - 1];
}

/* Days from 0000-03-01 to a date's year's first of March: leap days come last in such years. */
static int64_t
s_days_before (unsigned march_year)
{
	return (int64_t) march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400;
}

#define EPOCH_DAYS INT64_C (719468) /* from 0000-03-01 to 1970-01-01 */

/* Days since 1970-01-01 of a valid date in the Gregorian calendar. */
static int64_t
s_days_of (const struct civil *date)
{
	unsigned year = date->month > 2 ? date->year : date->year - 1;
	unsigned month = (date->month + 9) % 12; /* March is 0 */

	return s_days_before (year) + (153 * month + 2) / 5 + date->day - 1 - EPOCH_DAYS;
}

/* The date of a day since 1970-01-01, not before it. */
static struct civil
s_date_of (int64_t days)
{
	int64_t shifted = days + EPOCH_DAYS;
	/* 146,097 days are 400 years. Never too late: no year begins a whole day after its even share. */
	unsigned year = (unsigned) (shifted * 400 / 146097);
	unsigned rest, month;
	struct civil date;

	while (s_days_before (year + 1) <= shifted)
		year++;
	rest = (unsigned) (shifted - s_days_before (year));
	month = (5 * rest + 2) / 153;
	date.day = rest - (153 * month + 2) / 5 + 1;
	date.month = (month + 2) % 12 + 1;
	date.year = date.month > 2 ? year : year + 1;
	return date;
}

/* Writes `width` decimal digits and a mark behind them. */
static char *
s_put (char *out, uint64_t value, size_t width, char mark)
{
	for (size_t i = width; i > 0; i--, value /= 10)
		out[i - 1] = (char) ('0' + value % 10);
	out[width] = mark;
	return out + width + 1;
}

/* A time beyond the year 9999 is written as that year's last microsecond. */
void
siaga_time_text (char out[SIAGA_TIME_TEXT], uint64_t time_us)
{
	uint64_t us = time_us < TIME_MAX_US ? time_us : TIME_MAX_US;
	uint64_t seconds = us / SECOND_US;
	struct civil date = s_date_of ((int64_t) seconds / DAY_S);

	out = s_put (out, date.year, 4, '-');
	out = s_put (out, date.month, 2, '-');
	out = s_put (out, date.day, 2, 'T');
	out = s_put (out, seconds / 3600 % 24, 2, ':');
	out = s_put (out, seconds / 60 % 60, 2, ':');
	out = s_put (out, seconds % 60, 2, '.');
	out = s_put (out, us % SECOND_US, 6, 'Z');
	*out = '\0';
}

/* A text being read, with a sticky error. */
struct scan {
	const char *at;
	size_t left;
	bool bad;
};

/* The next character, not consumed; 0 at the end. */
static char
s_scan_peek (const struct scan *scan)
{
	return scan->left > 0 && !scan->bad ? *scan->at : '\0';
}

static char
s_scan_take (struct scan *scan)
{
	char c = s_scan_peek (scan);

	if (scan->left == 0) {
		scan->bad = true;
		return '\0';
	}
	scan->at++;
	scan->left--;
	return c;
}

static void
s_scan_mark (struct scan *scan, char upper, char lower)
{
	char c = s_scan_take (scan);

	if (c != upper && c != lower)
		scan->bad = true;
}

static bool
s_scan_at_digit (const struct scan *scan)
{
	char c = s_scan_peek (scan);

	return c >= '0' && c <= '9';
}

/* Exactly `width` digits (at most 9) of a number from `min` to `max`. */
static unsigned
s_scan_number (struct scan *scan, size_t width, unsigned min, unsigned max)
{
	unsigned value = 0;

	for (size_t i = 0; i < width; i++) {
		if (!s_scan_at_digit (scan)) {
			scan->bad = true;
			return min;
		}
		value = value * 10 + (unsigned) (s_scan_take (scan) - '0');
	}
	if (value >= min && value <= max)
		return value;
	scan->bad = true;
	return min;
}

static int64_t
s_scan_date (struct scan *scan)
{
	struct civil date;

	date.year = s_scan_number (scan, 4, YEAR_MIN, 9999);
	s_scan_mark (scan, '-', '-');
	date.month = s_scan_number (scan, 2, 1, 12);
	s_scan_mark (scan, '-', '-');
	date.day = s_scan_number (scan, 2, 1, s_days_in_month (date.year, date.month));
	return s_days_of (&date);
}

/* Hours, minutes, seconds as seconds; `leap_p` tells of a second 60. */
static int64_t
s_scan_clock (struct scan *scan, bool *leap_p)
{
	unsigned hour, minute, second;

	hour = s_scan_number (scan, 2, 0, 23);
	s_scan_mark (scan, ':', ':');
	minute = s_scan_number (scan, 2, 0, 59);
	s_scan_mark (scan, ':', ':');
	second = s_scan_number (scan, 2, 0, 60);
	*leap_p = second == 60;
	return (int64_t) hour * 3600 + minute * 60 + second;
}

/* "" or '.' and 1 to 9 digits; in microseconds, cut. */
static uint64_t
s_scan_fraction (struct scan *scan)
{
	uint64_t value = 0;
	size_t digits = 0;

	if (s_scan_peek (scan) != '.')
		return 0;
	s_scan_take (scan);
	for (; s_scan_at_digit (scan); digits++) {
		unsigned digit = (unsigned) (s_scan_take (scan) - '0');

		if (digits < 6)
			value = value * 10 + digit;
	}
	if (digits < 1 || digits > 9)
		scan->bad = true;
	for (; digits < 6; digits++)
		value *= 10;
	return value;
}

/* 'Z', "+07:00" or "+0700"; in seconds east of UTC. */
static int64_t
s_scan_offset (struct scan *scan)
{
	char sign = s_scan_take (scan);
	int64_t seconds;

	if (sign == 'Z' || sign == 'z')
		return 0;
	if (sign != '+' && sign != '-')
		scan->bad = true;
	seconds = (int64_t) s_scan_number (scan, 2, 0, 23) * 3600;
	if (s_scan_peek (scan) == ':')
		s_scan_take (scan);
	seconds += (int64_t) s_scan_number (scan, 2, 0, 59) * 60;
	return sign == '-' ? -seconds : seconds;
}

/* A leap second ends a day in UTC; it is the same instant as the first second after it. */
int
siaga_time_parse (uint64_t *time_us, struct siaga_text text)
{
	struct scan scan = {text.data, text.size, false};
	int64_t seconds;
	uint64_t fraction;
	bool leap;

	seconds = s_scan_date (&scan) * DAY_S;
	s_scan_mark (&scan, 'T', 't');
	seconds += s_scan_clock (&scan, &leap);
	fraction = s_scan_fraction (&scan);
	seconds -= s_scan_offset (&scan);
	if (scan.bad || scan.left != 0 || (leap && seconds % DAY_S != 0))
		return SIAGA_EMALFORMED;
	if (seconds < 0 || (uint64_t) seconds > TIME_MAX_US / SECOND_US)
		return SIAGA_EMALFORMED;
	*time_us = (uint64_t) seconds * SECOND_US + fraction;
	return 0;
}

/* The length of a unit in microseconds; 0 for none. */
static uint64_t
s_unit_us (char unit)
{
	switch (unit) {
	case 's':
		return SECOND_US;
	case 'm':
		return 60 * SECOND_US;
	case 'h':
		return 3600 * SECOND_US;
	case 'd':
		return 86400 * SECOND_US;
	case 'w':
		return 7 * 86400 * SECOND_US;
	default:
		return 0;
	}
}

int
siaga_duration_parse (uint64_t *duration_us, struct siaga_text text)
{
	struct scan scan = {text.data, text.size, false};
	uint64_t unit, value = 0;

	if (!s_scan_at_digit (&scan))
		return SIAGA_EMALFORMED;
	while (s_scan_at_digit (&scan)) {
		value = value * 10 + (uint64_t) (s_scan_take (&scan) - '0');
		if (value > DURATION_MAX_US / SECOND_US)
			return SIAGA_EMALFORMED;
	}
	unit = s_unit_us (s_scan_take (&scan));
	if (unit == 0 || scan.left != 0 || value > DURATION_MAX_US / unit)
		return SIAGA_EMALFORMED;
	*duration_us = value * unit;
	return 0;
}
