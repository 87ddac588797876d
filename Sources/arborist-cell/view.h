// What the changes of a workspace are looked at through; see view.c.
#ifndef ARBORIST_VIEW_H
#define ARBORIST_VIEW_H

#include "cell.h"

#include <sys/stat.h>

struct view {
    int upper, lower;
    bool failed; // something is there and could not be opened; errno says why
};

struct found {
    int directory; // where the entry is; -1 where there is none
    bool from_upper;
    struct stat status;
};

// Names without "." and "..", one after the other, each ended with a NUL.
struct names {
    char *bytes;
    size_t size, capacity;
    const char **list; // into the bytes, once sorted
    size_t count;
    bool failed;
};

void find(const struct view *view, const char *name, struct found *found);
// The view of a directory that `found` has found.
struct view enter(const struct view *view, const char *name, const struct found *found);
void leave(struct view *view);
int open_plain(int directory, const char *name);

// Adds the names in a directory; none for -1.
void add_names(struct names *names, int directory);
// Makes the list, in the order of the bytes, each name once.
void sort_names(struct names *names);
void free_names(struct names *names);

// Whether both are the same to git: kind, mode and content.
bool same_entry(const struct found *entry, const char *name, int directory, const struct stat *other);
bool executable(const struct stat *status);

#endif
