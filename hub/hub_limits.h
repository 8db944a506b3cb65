/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's own limits, each with its unit: everything that a peer can make grow has its bound here or
 * in siaga/limits.h.
 */
#ifndef SIAGA_HUB_LIMITS_H
#define SIAGA_HUB_LIMITS_H

#include "siaga/limits.h"

/* Sessions and connections. */
#define HUB_CONNECTIONS_MAX 8192       /* of the gate, each with a rostered key */
#define HUB_CONNECTIONS_PER_KEY_MAX 80 /* more than a principal's sessions: some come, some go */
#define HUB_SESSIONS_MAX HUB_CONNECTIONS_MAX /* of the core; a connection beyond is cut */
#define HUB_SESSIONS_PER_PRINCIPAL_MAX 64    /* open ones */
#define HUB_CUT_GRACE_MS 300		     /* for the last words to leave before the cut */
#define HUB_TICK_MS 250			     /* how often deadlines are looked at */
#define HUB_SILENCE_MAX_MS 45000	     /* a session that says nothing so long is over */

/* Memory given back after a burst, by gate and core. */
#define HUB_SLACK_BURST_BYTES (256 << 10)  /* of a tick: less is no burst */
#define HUB_SLACK_CALM_MS 1000		   /* without one, and then it is over */
#define HUB_SLACK_MAX_MS 30000		   /* but no longer after its beginning than that */
#define HUB_SLACK_OF_CONNECTION (32 << 10) /* what libzmq frees with a connection */
#define HUB_SLACK_OF_ENTRY 1024		   /* what the core frees with an entry */

/* Between gate and core. */
#define HUB_KEYS_MAX (SIAGA_PRINCIPALS_MAX * SIAGA_KEYS_PER_PRINCIPAL_MAX)
#define HUB_KEYS_PER_PACKET_MAX 1500
#define HUB_SOCKET_BUFFER_BYTES (1 << 20)
#define HUB_CONTROL_BYTES (1 << 20) /* replies queued in the core: above, it reads no more */
#define HUB_BULK_BYTES (512 << 10)  /* deliveries queued: above, none are made */
#define HUB_PACKETS_PER_TURN 64	    /* taken in one turn of a loop … */
#define HUB_BYTES_PER_TURN                                                                         \
	(256 << 10) /* … and not much more than that of their payload, by the core */

/* Reading the log for others. */
#define HUB_CACHE_RECORDS 64	   /* parsed batches kept, … */
#define HUB_CACHE_BYTES (16 << 20) /* … and their memory; one is always kept */
#define HUB_WORK_PER_TURN 4096 /* entries looked at in one turn of the core's loop, for readers … */
#define HUB_WORK_PER_ANSWERS 4096 /* … and for queries */
#define HUB_WORK_PER_STEP 1024	  /* for one of them before the next one's turn */
#define HUB_WORK_OF_RECORD 16	  /* what reading a batch costs besides, in entries */
#define HUB_WORK_OF_STORY 512	  /* what looking up a story costs */
#define HUB_QUIET_NUMBERS 1000	  /* passed over before a reader is told without a match */
#define HUB_QUIET_MS 1000	  /* between such words at the head of the log */

/* Queries. */
#define HUB_RESULTS_MAX 16 /* answers being made or sent, of all sessions */
#define HUB_RESULTS_PER_PRINCIPAL_MAX 4
#define HUB_RESULTS_PER_MEMBER_MAX 8
#define HUB_RESULT_PART_BYTES 61440
#define HUB_STORY_ENTRIES_MAX 4096

/* Publishing. */
#define HUB_PENDING_BYTES (64 << 20)		   /* batches between receipt and commit */
#define HUB_PENDING_PER_PRINCIPAL_BYTES (24 << 20) /* a full window of the largest batches */
#define HUB_PENDING_PER_MEMBER_BYTES (40 << 20)	   /* of all its principals: others find room */
#define HUB_PENDING_OF_REF 4096			   /* what looking up a ref costs, in these bytes */
#define HUB_RETRY_MS 2000			   /* told with "disk" and "later" */
#define HUB_RETRY_QUOTA_MS 500			   /* told with "quota" */
#define HUB_RETRY_QUOTA_MAX_MS 600000 /* the longest wait for a quota of the configuration */
#define HUB_QUOTA_PUSHES_MAX (2 * SIAGA_WINDOW_MAX) /* refused so often in one wait: cut */
#define HUB_QUERY_PUSHES_MAX 32	  /* queries told "later" so often in one wait: cut */
#define HUB_RETRY_ROSTER_MS 60000 /* told with "roster" */
#define HUB_LIFE_CACHE 64	  /* lives of alerts kept, 10 KiB each */
#define HUB_LIFE_DEEDS_MAX 1024	  /* of one alert: what deriving its life may read */

/* The roster's files. */
#define HUB_ROSTER_LOOK_MS 30000 /* how often they are read when nothing says that they changed */
#define HUB_ROSTER_QUIET_MS 200	 /* left alone so long, a change of them is whole … */
#define HUB_ROSTER_BUSY_MS 1000	 /* … and after so long it is looked at all the same */

/* Presence. */
#define HUB_CONDITIONS_MAX                                                                         \
	16384 /* of all kinds and principals, the closed ones that are remembered too */
#define HUB_CONDITIONS_ALIKE_MAX 16	/* of one kind and principal: its sources */
#define HUB_CONDITION_MEMORY_MS 3600000 /* what closed and comes back sooner flaps */
#define HUB_CONDITION_FLAPS_MAX 6	/* doublings of the time it must be fine */
#define HUB_PRESENCE_MS 1000		/* how often everybody is judged */
#define HUB_PRESENCE_PASSED_MAX_MS                                                                 \
	2000 /* of one round: the time in which the hub did not run is not theirs */

/* Escalation. */
#define HUB_FOLLOWED_MAX 16384 /* alerts whose deadlines are followed */
#define HUB_FOLLOWED_LOOK_BACK                                                                     \
	65536 /* entries looked at by a hub that has followed none before; also between two saves */
#define HUB_ESCALATION_SAVE_MS 5000   /* between saves of what changed … */
#define HUB_ESCALATION_CLOCK_MS 60000 /* … and of the clock alone */

/* The control socket, and the end. */
#define HUB_CONTROL_CLIENTS_MAX 4
#define HUB_CONTROL_LINE_BYTES 1024  /* of a request */
#define HUB_CONTROL_PATIENCE_MS 5000 /* for a request to come */
#define HUB_DRAIN_MAX_MS 30000	     /* for what is in the log to go out … */
#define HUB_DRAIN_STUCK_MS 3000	     /* … while somebody reads */
#define HUB_STOP_DRAIN_MS 1500	     /* the same at SIGTERM */

/* The log. */
#define HUB_REFUSALS_LOGGED_MAX 20 /* lines a second, of all sessions */

#define HUB_CHECKPOINT_MS 1000	  /* between signed checkpoints */
#define HUB_KEEPER_TURN_S 1	  /* between looks at the disk and the WAL */
#define HUB_WAL_PAGES 1000	  /* 4 KiB each: copied into the database from then on … */
#define HUB_WAL_PAGES_MAX 16384	  /* … and the writer helps from then on */
#define HUB_CHORES_MS 1000	  /* between the writer's chores */
#define HUB_DROP_ENTRIES 256	  /* dropped in one step … */
#define HUB_DROP_PAUSE_MS 20	  /* … and then the others go first */
#define HUB_CHECK_FIRST_MS 600000 /* the first check of the journal comes that soon after a start */
#define HUB_KEEP_MIN_US (UINT64_C (2 * 86400) * 1000000) /* the least that retention keeps */
#define HUB_RESERVE_MIN (1 << 20)			 /* bytes of the disk that must stay free */

#define HUB_LOCK_WAIT_MS 5000 /* at the start, for a core that is still dying */
#define HUB_LOCK_RETRY_MS 20

/* The gate's defences against an enrolled peer that misbehaves. */
#define GATE_SEND_HWM 2048 /* messages to one peer: all credit in the smallest, and answers */
#define GATE_KERNEL_BYTES (256 << 10)	/* received of a peer and not yet read by libzmq */
#define GATE_FRAME_MAX 65600		/* of ZMTP: SIAGA_MESSAGE_MAX and CURVE's share */
#define GATE_FIRST_WORD_MS 10000	/* from the handshake to the first message */
#define GATE_STRANGER_BYTES (128 << 10) /* received of a peer that has not said a word */
#define GATE_UNSEEN_BYTES (7 << 18)	/* received and not taken: a window, and the kernel's */
#define GATE_TRAIN_BYTES                                                                           \
	(128 << 10) /* the same, and no whole message among it: a frame, and drift */
#define GATE_UNREAD_BYTES (24 << 20) /* sent and not read: all credit, and four answers */
#define GATE_HELD_BYTES                                                                            \
	(256UL                                                                                     \
	 << 20) /* both, of all peers together; in memory, messages of a few bytes are four times that */
#define GATE_DRIFT_BYTES (64 << 10)    /* received and no message: ZMTP's own words */
#define GATE_GUESS_BYTES (64 << 10)    /* left by a connection too short to be measured */
#define GATE_MEMORY_MAX (2048UL << 20) /* bytes of data, a backstop: RLIMIT_DATA */
#define GATE_STUCK_MS 250    /* the core takes nothing: after that nobody new is admitted */
#define GATE_TICK_MS 50	     /* how often connections are looked at: what a fast peer can fill */
#define GATE_FAST_TICK_MS 10 /* the same, while the core takes nothing */
#define GATE_LOOKS_PER_TICK 1024
#define GATE_TEST_MS 5000 /* for the self-test at start */
#define GATE_BACKLOG 4096 /* connections to be accepted; net.core.somaxconn caps it */
#define GATE_DESCRIPTORS_MAX 65536
#define GATE_DESCRIPTORS_OWN 32 /* that are not connections */
#define GATE_STRANGERS_MAX 4096 /* have not said a word; at most a quarter of all */
#define GATE_DESCRIPTORS_LOW 80 /* percent in use: said in the log, once in … */
#define GATE_DESCRIPTORS_LOW_MS 60000

/* The parent. */
#define PARENT_QUICK_DEATH_MS 1000 /* a child that dies sooner is restarted with back-off */
#define PARENT_BACKOFF_FIRST_MS 100
#define PARENT_BACKOFF_MAX_MS 800 /* so that whatever happens, it is back within a second */
#define PARENT_STOP_MS 5000	  /* for a child to stop in order */

#endif
