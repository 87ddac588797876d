#ifndef ARBORIST_CBROKER_SHIMS_H
#define ARBORIST_CBROKER_SHIMS_H

/* What prctl(2) and control messages need, which Swift cannot call or write down. */

/*
 * Makes the calling process one whose memory no other process of its user may read or dump, and that gains no rights by
 * what it runs. Returns 0, or -1 with errno.
 */
int arborist_seclude(void);

/* Sends a descriptor over a socket, which stays open here too. Returns 0, or -1 with errno. */
int arborist_send_descriptor(int socket, int descriptor);

/*
 * Waits for a descriptor from a socket; no program that is started inherits it. Returns it, -1 at the end of the socket
 * or where it fails, -2 where something else than a descriptor came.
 */
int arborist_receive_descriptor(int socket);

/*
 * Starts a program in a process group of its own: with `input` as its standard input, or nothing to read where that is
 * negative, with `socket` as its descriptor 3, nowhere to print to, the caller's standard error, and no other
 * descriptors. Writes its number. Returns 0, or an error number.
 */
int arborist_start(int *number, char *const arguments[], char *const environment[], int input, int socket);

/* Makes a file in memory that programs inherit and that has no name but this one for show. Returns it, or -1. */
int arborist_memory_file(const char *name);

/*
 * For how many milliseconds nothing has come and nothing has gone over any connection (TCP) that this process has open;
 * -1 where it has none. Linux counts it for each (tcp(7), TCP_INFO).
 */
long arborist_quiet_connections(void);

#endif
