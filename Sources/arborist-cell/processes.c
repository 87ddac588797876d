#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

unsigned family_signal(struct family *family, int processes, pid_t leader, int number) {
    int again = openat(processes, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = again < 0 ? NULL : fdopendir(again);
    if (!entries) {
        // Blind, but not idle.
        if (again >= 0) close(again);
        return kill(-leader, number) == 0 ? 1 : 0;
    }
    struct process *all = NULL;
    size_t count = 0, capacity = 0;
    pid_t self = getpid();
    struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (!isdigit((unsigned char)*entry->d_name)) continue;
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            struct process *larger = realloc(all, capacity * sizeof *all);
            if (!larger) break;
            all = larger;
        }
        struct process *process = &all[count];
        if (!inspect(processes, entry->d_name, process) || process->pid == self) continue;
        process->member = process->session == leader || process->group == leader || process->pid == leader ||
                          belonged(family, process);
        count++;
    }
    closedir(entries);
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
