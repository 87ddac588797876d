// What differs between the workspace and its checkout, told as what has changed since it was told last.
//
// What was found at a path is remembered under it, so that a step costs a look at each changed file and no more: what
// was written to since has another stamp, and only that is compared and told.
#include "view.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

enum { CHANGE_FILE = 0, CHANGE_LINK, CHANGE_REMOVED, CHANGE_UNLISTED, CHANGE_REVERTED };

enum {
    // New files and links that are told of a workspace. An eighth of what is left is kept back from each directory, so
    // that one with very many does not take the place of all that come after it.
    MOST_NEW = 20000,
    KEPT_BACK = 8,
    // The size of an answer from which no more new ones are told, and the largest; what the checkout has is bounded by it.
    MUCH = 32 << 20,
    MOST = 224 << 20,
};

// What was found at a path.
struct known {
    char *path; // NULL: a free place
    uint32_t hash, length;
    uint32_t look;  // in which it was there last
    uint8_t kind;   // of change, or one of those below
    bool replaces;  // a directory of the checkout was there
    bool is_new;    // the checkout has nothing there
    bool blind;     // what is below it was not looked at
    uint64_t stamp; // of the file when it was compared
};
// As in the checkout, though written to. And a directory that something new is told of, under its path with a `/`.
enum { KNOWN_SAME = 16, KNOWN_DIRECTORY = 17 };

static struct {
    struct known *places; // a power of two
    size_t capacity, used;
    size_t told_new;
    uint32_t look;
    uint32_t secret; // so that nobody can choose names that meet
} memory;

static uint32_t hash_of(const char *path, size_t length) {
    uint64_t hash = 14695981039346656037u ^ memory.secret; // FNV-1a
    for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)path[i]) * 1099511628211u;
    hash ^= hash >> 29;
    return (uint32_t)((hash * 0x9e3779b97f4a7c15u) >> 32);
}

static struct known *place_of(const char *path, size_t length, uint32_t hash) {
    size_t mask = memory.capacity - 1, at = hash & mask;
    while (memory.places[at].path && (memory.places[at].hash != hash || memory.places[at].length != length ||
                                      memcmp(memory.places[at].path, path, length) != 0)) {
        at = (at + 1) & mask;
    }
    return &memory.places[at];
}

static struct known *recall(const char *path, size_t length) {
    if (memory.capacity == 0) return NULL;
    struct known *known = place_of(path, length, hash_of(path, length));
    return known->path ? known : NULL;
}

// Makes the table anew with those of at least this look; more than half of it is free then.
static bool sift(uint32_t oldest, size_t room) {
    size_t keep = 0;
    for (size_t i = 0; i < memory.capacity; i++) {
        if (memory.places[i].path && memory.places[i].look >= oldest) keep++;
    }
    size_t capacity = 1024;
    while (capacity < 4 * (keep + room)) capacity *= 2;
    struct known *old = memory.places, *places = calloc(capacity, sizeof *places);
    if (!places) return false;
    size_t before = memory.capacity;
    memory.places = places;
    memory.capacity = capacity;
    memory.used = keep;
    for (size_t i = 0; i < before; i++) {
        if (!old[i].path) continue;
        if (old[i].look >= oldest) *place_of(old[i].path, old[i].length, old[i].hash) = old[i];
        else free(old[i].path);
    }
    free(old);
    return true;
}

static struct known *remember(const char *path, size_t length) {
    if (memory.capacity == 0 && getrandom(&memory.secret, sizeof memory.secret, 0) < 0) memory.secret = 0;
    if (2 * (memory.used + 1) > memory.capacity && !sift(0, 1)) return NULL;
    uint32_t hash = hash_of(path, length);
    struct known *known = place_of(path, length, hash);
    if (known->path) return known;
    char *copy = malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, path, length);
    copy[length] = 0;
    *known = (struct known){.path = copy, .hash = hash, .length = (uint32_t)length};
    memory.used++;
    return known;
}

struct walk {
    struct buffer *out;
    bool whole; // tell everything, not only what is other than before
    size_t present; // how many new ones were come upon
    bool blind;
    char path[MAX_PATH_BYTES];
    size_t length;
    unsigned depth;
    enum answer answer;
};

static bool push(struct walk *walk, const char *name) {
    size_t size = strlen(name);
    if (walk->length + size + 2 > sizeof walk->path || walk->depth >= MAX_DEPTH) return false;
    if (walk->length > 0) walk->path[walk->length++] = '/';
    memcpy(walk->path + walk->length, name, size);
    walk->length += size;
    walk->depth++;
    return true;
}

static void pop(struct walk *walk, size_t length) {
    walk->length = length;
    walk->depth--;
}

static void emit(struct walk *walk, uint8_t kind, const char *path, size_t length) {
    buffer_u8(walk->out, kind);
    buffer_string(walk->out, path, length);
    if (walk->out->failed || walk->out->size > MOST) walk->answer = ANSWER_FULL;
}

static void full(struct walk *walk) {
    walk->answer = ANSWER_FULL;
    errno = ENOMEM;
}

// Takes note of what is at the present path; whether it is to be told.
static bool note(struct walk *walk, uint8_t kind, uint64_t stamp, bool is_new) {
    struct known *known = remember(walk->path, walk->length);
    if (!known) {
        full(walk);
        return false;
    }
    bool same = known->look != 0 && known->kind == kind && known->stamp == stamp;
    known->kind = kind;
    known->stamp = stamp;
    known->is_new = is_new;
    known->replaces = known->blind = false;
    known->look = memory.look;
    return !same || walk->whole;
}

static uint64_t stamp(const struct stat *status) {
    uint64_t parts[] = {(uint64_t)status->st_mtim.tv_sec, (uint64_t)status->st_mtim.tv_nsec,
                        (uint64_t)status->st_ctim.tv_sec, (uint64_t)status->st_ctim.tv_nsec,
                        (uint64_t)status->st_ino,         (uint64_t)status->st_size};
    uint64_t hash = 14695981039346656037u; // FNV-1a
    const uint8_t *bytes = (const uint8_t *)parts;
    for (size_t i = 0; i < sizeof parts; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

// Says that there is more in the directory of the walk than is told. Where its path stands for something else already, as
// that of the top does, it is this name in it. `blind` is for a directory that cannot be listed.
static void unlisted(struct walk *walk, const char *name, bool blind) {
    size_t length = walk->length;
    struct known *known = length > 0 ? recall(walk->path, length) : NULL;
    bool taken = length == 0 || (known && known->look == memory.look && known->kind != CHANGE_UNLISTED);
    if (taken && !push(walk, name)) return;
    if (note(walk, CHANGE_UNLISTED, 0, false)) emit(walk, CHANGE_UNLISTED, walk->path, walk->length);
    if (blind && (known = recall(walk->path, walk->length))) walk->blind = known->blind = true;
    if (taken) pop(walk, length);
}

// Whether it is the repository at the top, which git shows as something else than files. Further down, and in other
// letters, a name like it is one that git keeps out of a commit, and it is told, so that somebody learns of it.
static bool is_repository(const struct walk *walk, const char *name) {
    return walk->length == 0 && strcmp(name, ".git") == 0;
}

// Whether git refuses the name. What it stands for is told as a whole: a repository within this one has very many files.
static bool is_refused(const char *name) { return strcasecmp(name, ".git") == 0; }

// Everything of the checkout below here is gone.
static void removed(struct walk *walk, int lower, const char *name, const struct stat *status) {
    size_t length = walk->length;
    if (walk->answer != ANSWER_OK || is_repository(walk, name)) return;
    if (!push(walk, name)) return unlisted(walk, name, false);
    if (is_refused(name)) {
        if (note(walk, CHANGE_UNLISTED, 0, false)) emit(walk, CHANGE_UNLISTED, walk->path, walk->length);
        return pop(walk, length);
    }
    if (!S_ISDIR(status->st_mode)) {
        if ((S_ISREG(status->st_mode) || S_ISLNK(status->st_mode)) && note(walk, CHANGE_REMOVED, 0, false)) {
            emit(walk, CHANGE_REMOVED, walk->path, walk->length);
        }
    } else {
        struct names names = {0};
        int inner = open_plain(lower, name);
        add_names(&names, inner);
        sort_names(&names);
        if (names.failed || inner < 0) unlisted(walk, name, true);
        for (size_t i = 0; i < names.count && walk->answer == ANSWER_OK; i++) {
            struct stat within;
            if (fstatat(inner, names.list[i], &within, AT_SYMLINK_NOFOLLOW) == 0) {
                removed(walk, inner, names.list[i], &within);
            }
        }
        free_names(&names);
        if (inner >= 0) close(inner);
    }
    pop(walk, length);
}

APART static void tell_link(struct walk *walk, const struct found *now, const char *name) {
    char target[MAX_PATH_BYTES];
    ssize_t size = readlinkat(now->directory, name, target, sizeof target);
    emit(walk, CHANGE_LINK, walk->path, walk->length);
    buffer_string(walk->out, target, size < 0 ? 0 : (size_t)size);
}

static void tell(struct walk *walk, const struct found *now, const char *name) {
    if (S_ISLNK(now->status.st_mode)) return tell_link(walk, now, name);
    emit(walk, CHANGE_FILE, walk->path, walk->length);
    buffer_u64(walk->out, (uint64_t)now->status.st_size);
    buffer_u8(walk->out, executable(&now->status));
    buffer_u64(walk->out, stamp(&now->status));
}

static void told(struct walk *walk, const struct known *known) {
    if (known->is_new && known->kind != KNOWN_SAME) walk->present++;
}

// A file or a link that was written to, at the present path. `before` is what the checkout has there, or NULL.
static void compare(struct walk *walk, const struct found *now, int checkout, const char *name,
                    const struct stat *before) {
    uint8_t kind = S_ISLNK(now->status.st_mode) ? CHANGE_LINK : CHANGE_FILE;
    struct known *known = recall(walk->path, walk->length);
    bool was_told = known && known->kind != KNOWN_SAME;
    bool same = before && same_entry(now, name, checkout, before);
    bool news = note(walk, same ? KNOWN_SAME : kind, stamp(&now->status), !before);
    if (walk->answer != ANSWER_OK) return;
    if (same && was_told && !walk->whole) emit(walk, CHANGE_REVERTED, walk->path, walk->length);
    if (same || !(known = recall(walk->path, walk->length))) return;
    if (before && S_ISDIR(before->st_mode)) known->replaces = true;
    told(walk, known);
    if (news) tell(walk, now, name);
}

// How many more new ones may be told of a directory; `is_told` is set once it was said that there are more.
struct share {
    size_t left;
    bool is_told;
};

static void changed(struct walk *walk, const struct view *view, int checkout, struct share *share);

static bool is_known(struct walk *walk, bool directory) {
    walk->path[walk->length] = '/';
    struct known *known = recall(walk->path, walk->length + (directory ? 1 : 0));
    return known && (directory || known->kind == CHANGE_FILE || known->kind == CHANGE_LINK);
}

// What is new at the present path under a name that git refuses; the share has room for it.
static void refused(struct walk *walk) {
    bool news = note(walk, CHANGE_UNLISTED, 0, true);
    struct known *known = recall(walk->path, walk->length);
    if (walk->answer != ANSWER_OK || !known) return;
    told(walk, known);
    if (news) emit(walk, CHANGE_UNLISTED, walk->path, walk->length);
}

static void descend(struct walk *walk, const struct view *view, int old, const char *name, const struct found *now,
                    struct share *share) {
    struct view inner = enter(view, name, now);
    if (inner.failed) unlisted(walk, name, true);
    else if (inner.upper >= 0) {
        size_t present = walk->present;
        struct share part = {.left = share->left - share->left / KEPT_BACK};
        size_t given = part.left;
        changed(walk, &inner, old, &part);
        share->left -= given - part.left;
        if (walk->present > present) {
            walk->path[walk->length] = '/';
            struct known *known = remember(walk->path, walk->length + 1);
            if (known) {
                known->kind = KNOWN_DIRECTORY;
                known->look = memory.look;
            } else {
                full(walk);
            }
        }
    }
    leave(&inner);
}

static void change(struct walk *walk, const struct view *view, int checkout, const char *name, struct share *share) {
    struct found now;
    struct stat before;
    find(view, name, &now);
    // What the view takes from the checkout has not changed.
    if (now.directory >= 0 && !now.from_upper) return;
    mode_t mode = now.directory < 0 ? 0 : now.status.st_mode;
    bool plain = S_ISREG(mode) || S_ISLNK(mode), whole = plain || S_ISDIR(mode);
    bool refuses = is_refused(name);
    size_t length = walk->length;
    if (is_repository(walk, name)) return;
    if (plain && !refuses && push(walk, name)) {
        // Nothing was done to it since it was looked at.
        struct known *known = recall(walk->path, walk->length);
        bool idle = known && known->stamp == stamp(&now.status) && !known->replaces &&
                    (known->kind == KNOWN_SAME || known->kind == (S_ISLNK(mode) ? CHANGE_LINK : CHANGE_FILE));
        if (idle) {
            known->look = memory.look;
            told(walk, known);
            if (walk->whole && known->kind != KNOWN_SAME) tell(walk, &now, name);
        }
        pop(walk, length);
        if (idle) return;
    }
    bool was = checkout >= 0 && fstatat(checkout, name, &before, AT_SYMLINK_NOFOLLOW) == 0;
    if (was && (!whole || S_ISDIR(before.st_mode) != S_ISDIR(mode))) removed(walk, checkout, name, &before);
    if (!whole || walk->answer != ANSWER_OK) return;
    if (!push(walk, name)) return unlisted(walk, name, false);
    struct known *known = refuses ? recall(walk->path, walk->length) : NULL;
    if (!was && share->left == 0 && !(refuses ? known && known->is_new : is_known(walk, S_ISDIR(mode)))) {
        pop(walk, length);
        if (!share->is_told) unlisted(walk, name, false);
        share->is_told = true;
        return;
    }
    if (refuses) {
        bool same = was && plain && S_ISDIR(before.st_mode) == 0 && same_entry(&now, name, checkout, &before);
        if (!was && !known) share->left--;
        if (!same) refused(walk);
    } else if (S_ISDIR(mode)) {
        int old = was && S_ISDIR(before.st_mode) ? open_plain(checkout, name) : -1;
        descend(walk, view, old, name, &now, share);
        if (old >= 0) close(old);
    } else {
        if (!was && !is_known(walk, false)) share->left--;
        compare(walk, &now, checkout, name, was ? &before : NULL);
    }
    pop(walk, length);
}

// `checkout` is the same directory of the checkout, hidden or not; -1 where it has none.
static void changed(struct walk *walk, const struct view *view, int checkout, struct share *share) {
    struct names names = {0};
    add_names(&names, view->upper);
    // Where nothing shines through, what is in the checkout alone is gone.
    if (view->lower < 0) add_names(&names, checkout);
    sort_names(&names);
    if (names.failed && walk->length == 0) full(walk);
    else if (names.failed) unlisted(walk, names.count > 0 ? names.list[0] : "", true);
    for (size_t i = 0; i < names.count && walk->answer == ANSWER_OK; i++) {
        if (walk->out->size > MUCH) share->left = 0;
        change(walk, view, checkout, names.list[i], share);
    }
    free_names(&names);
}

// Whether a directory above the path is one that could not be listed.
static bool is_below_blind(const struct known *one) {
    for (size_t i = 0; i < one->length; i++) {
        if (one->path[i] != '/') continue;
        struct known *above = recall(one->path, i);
        if (above && above->blind && above->look == memory.look) return true;
    }
    return false;
}

// What was there at the last look and is not any more.
static void tell_reverted(struct walk *walk) {
    memory.told_new = 0;
    for (size_t i = 0; i < memory.capacity && walk->answer == ANSWER_OK; i++) {
        struct known *known = &memory.places[i];
        if (!known->path) continue;
        if (known->look != memory.look) {
            if (walk->blind && is_below_blind(known)) {
                known->look = memory.look;
            } else if (known->kind < KNOWN_SAME && !walk->whole) {
                emit(walk, CHANGE_REVERTED, known->path, known->length);
            }
        }
        if (known->look == memory.look && known->is_new && known->kind != KNOWN_SAME) memory.told_new++;
    }
}

enum answer tree_changes(const struct place *place, uint32_t since, struct buffer *out) {
    static struct walk walk;
    walk = (struct walk){.out = out, .answer = ANSWER_OK, .whole = since == 0 || since != memory.look};
    memory.look = memory.look == UINT32_MAX ? 1 : memory.look + 1;
    buffer_u32(out, memory.look);
    buffer_u8(out, walk.whole);
    struct view view = {place->upper, place->overlaid ? place->lower : -1, false};
    struct share share = {.left = memory.told_new < MOST_NEW ? MOST_NEW - memory.told_new : 0};
    errno = 0;
    changed(&walk, &view, place->lower, &share);
    if (walk.answer == ANSWER_OK) tell_reverted(&walk);
    if (walk.answer == ANSWER_OK && !sift(memory.look, 0)) full(&walk);
    // Whoever was told nothing is told everything the next time.
    if (walk.answer != ANSWER_OK || out->failed) memory.look++;
    return out->failed ? ANSWER_FULL : walk.answer;
}
