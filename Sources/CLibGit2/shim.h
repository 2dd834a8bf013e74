#pragma once
#include <git2.h>
#if __has_include(<git2/sys/errors.h>)
#include <git2/sys/errors.h> // git_error_clear, which git2.h itself has up to version 1.7
#endif

// git_libgit2_opts is variadic, which Swift cannot call: one wrapper per option that we set.

/// Where libgit2 looks for configuration files; an empty path means nowhere.
static inline int clibgit2_set_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

/// Whether a repository must belong to the user of this process (1) or not (0).
static inline int clibgit2_set_owner_validation(int enabled) {
    return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

/// Whether packs and references are synced to disk (1) before a call that writes them returns, or not (0).
static inline int clibgit2_set_gitdir_fsync(int enabled) {
    return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}
