// The processes that belong to a command.
#ifndef ARBORIST_PROCESSES_H
#define ARBORIST_PROCESSES_H

#include "cell.h"

enum { MAX_FAMILY = 1024 };

// Processes once seen to belong to it, by number and by the time of their start, so that a number taken anew is not
// mistaken for them.
struct family {
    unsigned count;
    struct {
        pid_t pid;
        uint64_t start;
    } members[MAX_FAMILY];
};

// Sends a signal (0 for none) to all that is in the session or the process group of the command, descends from it, or
// belonged to it before. Returns how many of these live.
unsigned family_signal(struct family *family, int processes, pid_t leader, int number);

// Sends a signal (0 for none) to every process of the cell but its first. Returns how many of them live.
unsigned others_signal(const struct place *place, int number);

// Removes what System V calls shared in this namespace: no process ends it with itself.
void end_shared(void);

#endif
