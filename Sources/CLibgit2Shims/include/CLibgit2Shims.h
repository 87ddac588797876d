#ifndef ARBORIST_CLIBGIT2_SHIMS_H
#define ARBORIST_CLIBGIT2_SHIMS_H

#include <git2.h>
#include <sys/types.h>

/* git_libgit2_opts takes a variable list of arguments, which Swift cannot pass. */

/* Sets an option that takes one number. */
int arborist_git_set_option(int option, int value);

/* Sets where configuration of one level (system, global, ...) is looked for; NULL resets it. */
int arborist_git_set_search_path(int level, const char *path);

/*
 * Has loose objects in a directory looked at before libgit2 reads them. libgit2 1.5 never ends over one that was cut
 * off, as a full disk or a lost machine leaves it; with the guard, reading it is an error.
 *
 * The repository is a git_repository; the text is copied. What is lent is what objects/info/alternates names. Returns 0, or an error of libgit2's.
 */
int arborist_git_guard_loose_objects(void *repository, const char *objects, int is_lent);

/* Sets the file with the certificates of the authorities that servers are vouched for by. */
int arborist_git_set_authorities(const char *path);

/* Sets up to which size in bytes objects of one type are kept in memory once they are read. */
int arborist_git_set_cached_size(git_object_t type, size_t bytes);

/* Sets how many bytes of objects are kept in memory at most. */
int arborist_git_set_cache_size(ssize_t bytes);

#endif
