// Control groups: caps on the memory and the number of processes of a whole run.
#include "cell.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char memory_group[512], pids_group[512], unified_group[512];
static const char *missing = "no memory and pids controllers that this user may use";

const char *group_missing(void) { return missing; }

static bool put(const char *group, const char *name, const char *text) {
    char path[768];
    snprintf(path, sizeof path, "%s/%s", group, name);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    bool done = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    close(file);
    return done;
}

static bool put_number(const char *group, const char *name, unsigned long long number) {
    char text[32];
    snprintf(text, sizeof text, "%llu", number);
    return put(group, name, text);
}

// The group above all runs, which stays; made before the capabilities go, and from then on used as its owner.
static bool make_parent(char *group, size_t size) {
    if (strlen(group) + sizeof "/arborist-cells" > size) return false;
    strcat(group, "/arborist-cells");
    if (mkdir(group, 0755) != 0 && errno != EEXIST) return false;
    struct stat status;
    return stat(group, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 0200);
}

// Version 1: a hierarchy for each controller, at the usual place.
static void find_group(const char *line, const char *controller, char *into, size_t size) {
    char controllers[128], own[256];
    if (sscanf(line, "%*d:%127[^:]:%255s", controllers, own) != 2) return;
    char path[400];
    for (char *rest = controllers, *name; (name = strsep(&rest, ","));) {
        if (strcmp(name, controller) != 0) continue;
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s", controller, strcmp(own, "/") == 0 ? "" : own);
        // In a container the path may be one of the host's; then its own root is at the mount.
        if (access(path, F_OK) != 0) snprintf(path, sizeof path, "/sys/fs/cgroup/%s", controller);
        if (strlen(path) < size) strcpy(into, path);
    }
}

// Version 2: one hierarchy, in which the controllers must have been handed to us.
static void find_unified(const char *own) {
    char path[400], text[256];
    snprintf(path, sizeof path, "/sys/fs/cgroup%s", strcmp(own, "/") == 0 ? "" : own);
    char file[600];
    snprintf(file, sizeof file, "%s/cgroup.controllers", path);
    int opened = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t size = opened < 0 ? -1 : read(opened, text, sizeof text - 1);
    if (opened >= 0) close(opened);
    if (size <= 0) return;
    text[size] = 0;
    if (!strstr(text, "memory") || !strstr(text, "pids")) return;
    if (!put(path, "cgroup.subtree_control", "+memory +pids")) {
        missing = "the control group has processes of its own; use Delegate= and DelegateSubgroup= of systemd";
        return;
    }
    strcpy(unified_group, path);
}

bool group_find(void) {
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file) return false;
    char line[512];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        find_group(line, "memory", memory_group, sizeof memory_group);
        find_group(line, "pids", pids_group, sizeof pids_group);
        if (strncmp(line, "0::", 3) == 0) find_unified(line + 3);
    }
    fclose(file);
    if (*memory_group && *pids_group && make_parent(memory_group, sizeof memory_group) &&
        make_parent(pids_group, sizeof pids_group)) {
        *unified_group = 0;
        return true;
    }
    *memory_group = *pids_group = 0;
    if (*unified_group && make_parent(unified_group, sizeof unified_group) &&
        put(unified_group, "cgroup.subtree_control", "+memory +pids")) {
        return true;
    }
    *unified_group = 0;
    return false;
}

static void name_group(char *into, size_t size, const char *parent, uid_t uid, unsigned share) {
    if (share == 0) snprintf(into, size, "%s/%u", parent, uid);
    else snprintf(into, size, "%s/%u.%u", parent, uid, share);
}

bool group_create(uid_t uid, unsigned share, const struct limits *limits, pid_t pid) {
    char group[640];
    if (*unified_group) {
        name_group(group, sizeof group, unified_group, uid, share);
        if (mkdir(group, 0755) != 0 && errno != EEXIST) return false;
        put(group, "memory.swap.max", "0");
        put(group, "memory.oom.group", "0");
        return put_number(group, "memory.max", limits->memory_bytes) &&
               put_number(group, "pids.max", limits->processes + 1) &&
               put_number(group, "cgroup.procs", (unsigned)pid);
    }
    name_group(group, sizeof group, memory_group, uid, share);
    if (mkdir(group, 0755) != 0 && errno != EEXIST) return false;
    if (!put_number(group, "memory.limit_in_bytes", limits->memory_bytes)) return false;
    put_number(group, "memory.memsw.limit_in_bytes", limits->memory_bytes);
    if (!put_number(group, "cgroup.procs", (unsigned)pid)) return false;
    name_group(group, sizeof group, pids_group, uid, share);
    if (mkdir(group, 0755) != 0 && errno != EEXIST) return false;
    return put_number(group, "pids.max", limits->processes + 1) &&
           put_number(group, "cgroup.procs", (unsigned)pid);
}

bool group_refused(uid_t uid, unsigned share, uint64_t *count) {
    char group[640], path[768], text[256];
    name_group(group, sizeof group, *unified_group ? unified_group : pids_group, uid, share);
    // Version 2 counts for all groups below, of which there are none.
    snprintf(path, sizeof path, "%s/pids.events", group);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    if (size <= 0) return false;
    text[size] = 0;
    const char *line = strstr(text, "max ");
    unsigned long long number;
    if (!line || sscanf(line, "max %llu", &number) != 1) return false;
    *count = number;
    return true;
}

static bool remove_group(const char *parent, uid_t uid, unsigned share) {
    char group[640];
    if (!*parent) return false;
    name_group(group, sizeof group, parent, uid, share);
    for (int round = 0; round < 200; round++) {
        if (rmdir(group) == 0) return true;
        if (errno != EBUSY) return false;
        usleep(5000); // the last process is on its way out
    }
    return false;
}

bool group_remove(uid_t uid, unsigned share) {
    bool memory = remove_group(memory_group, uid, share), pids = remove_group(pids_group, uid, share);
    return remove_group(unified_group, uid, share) || memory || pids;
}
