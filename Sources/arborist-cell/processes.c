#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

struct process {
    pid_t pid, parent, group, session;
    uint64_t start;
    bool zombie, member;
};

static bool inspect(int processes, const char *name, struct process *process) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "%s/stat", name);
    int file = openat(processes, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0) return false;
    text[size] = 0;
    // The name of the program may hold anything, parentheses too.
    const char *rest = strrchr(text, ')');
    char state;
    int parent, group, session;
    unsigned long long start;
    if (!rest || sscanf(rest + 1,
                        " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state,
                        &parent, &group, &session, &start) != 5) {
        return false;
    }
    *process = (struct process){.pid = atoi(name), .parent = parent, .group = group, .session = session,
                                .start = start, .zombie = state == 'Z' || state == 'X'};
    return true;
}

static bool belonged(const struct family *family, const struct process *process) {
    for (unsigned i = 0; i < family->count; i++) {
        if (family->members[i].pid == process->pid) return family->members[i].start == process->start;
    }
    return false;
}

static void remember(struct family *family, const struct process *process) {
    if (belonged(family, process)) return;
    unsigned at = family->count;
    for (unsigned i = 0; i < family->count; i++) {
        if (family->members[i].pid == process->pid) at = i;
    }
    if (at == MAX_FAMILY) return;
    family->members[at].pid = process->pid;
    family->members[at].start = process->start;
    if (at == family->count) family->count++;
}

static bool parent_is_member(const struct process *all, size_t count, pid_t parent) {
    for (size_t i = 0; i < count; i++) {
        if (all[i].pid == parent) return all[i].member;
    }
    return false;
}

static bool descends(const struct process *all, size_t count, const struct process *process, pid_t from) {
    pid_t parent = process->parent;
    for (size_t round = 0; round < count && parent > 1; round++) {
        if (parent == from) return true;
        size_t i = 0;
        while (i < count && all[i].pid != parent) i++;
        if (i == count) return false;
        parent = all[i].parent;
    }
    return parent == from;
}

// What /proc shows, without this process; NULL where it cannot be read.
static struct process *list_processes(int processes, size_t *count) {
    int again = openat(processes, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) {
        if (again >= 0) close(again);
        return NULL;
    }
    size_t capacity = 64;
    struct process *all = malloc(capacity * sizeof *all);
    struct dirent *entry;
    *count = 0;
    while (all && (entry = readdir(entries))) {
        if (!isdigit((unsigned char)*entry->d_name)) continue;
        if (*count == capacity) {
            struct process *larger = realloc(all, 2 * capacity * sizeof *all);
            if (!larger) break;
            all = larger;
            capacity *= 2;
        }
        if (inspect(processes, entry->d_name, &all[*count]) && all[*count].pid != getpid()) ++*count;
    }
    closedir(entries);
    return all;
}

unsigned others_signal(const struct place *place, int number) {
    size_t count = 0;
    struct process *all = list_processes(place->processes, &count);
    unsigned alive = 0;
    for (size_t i = 0; i < count; i++) {
        // Without a pid namespace others are to be seen too; what is left behind there comes to this process.
        if (all[i].zombie || (!place->confined && !descends(all, count, &all[i], getpid()))) continue;
        alive++;
        if (number != 0) kill(all[i].pid, number);
    }
    free(all);
    // What was born meanwhile is not on the list.
    if (place->confined && number != 0) kill(-1, number);
    return alive;
}

void end_shared(void) {
    struct shm_info memory;
    struct shmid_ds segment;
    for (int i = shmctl(0, SHM_INFO, (struct shmid_ds *)&memory); i >= 0; i--) {
        int id = shmctl(i, SHM_STAT, &segment);
        if (id >= 0) shmctl(id, IPC_RMID, NULL);
    }
    struct msginfo messages;
    struct msqid_ds queue;
    for (int i = msgctl(0, MSG_INFO, (struct msqid_ds *)&messages); i >= 0; i--) {
        int id = msgctl(i, MSG_STAT, &queue);
        if (id >= 0) msgctl(id, IPC_RMID, NULL);
    }
    struct seminfo semaphores;
    struct semid_ds set;
    for (int i = semctl(0, 0, SEM_INFO, &semaphores); i >= 0; i--) {
        int id = semctl(i, 0, SEM_STAT, &set);
        if (id >= 0) semctl(id, 0, IPC_RMID);
    }
}

unsigned family_signal(struct family *family, int processes, pid_t leader, int number) {
    size_t count = 0;
    struct process *all = list_processes(processes, &count);
    // Blind, but not idle.
    if (!all) return kill(-leader, number) == 0 ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        all[i].member = all[i].session == leader || all[i].group == leader || all[i].pid == leader ||
                        belonged(family, &all[i]);
    }
    for (bool found = true; found;) {
        found = false;
        for (size_t i = 0; i < count; i++) {
            if (!all[i].member && parent_is_member(all, count, all[i].parent)) found = all[i].member = true;
        }
    }
    unsigned alive = 0;
    for (size_t i = 0; i < count; i++) {
        if (!all[i].member || all[i].zombie) continue;
        remember(family, &all[i]);
        if (number == 0 || kill(all[i].pid, number) == 0 || errno != ESRCH) alive++;
    }
    free(all);
    return alive;
}
