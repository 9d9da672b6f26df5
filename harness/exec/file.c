// SPDX-License-Identifier: GPL-2.0
/*
 * file: a reproducer is the only trace of a finding, and a full disk or a kill
 * in the middle must not leave half of one under a good name, nor spoil the
 * one that was there. A kill leaves at most a file named *.tmp.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/exec/file.h"

/* The folder of @path, "." if it names none. */
static void folder_of(const char *path, char *folder)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		strcpy(folder, ".");
	else
		snprintf(folder, FILE_PATH_MAX, "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
}

/* All of @data into @fd. 0, or -1 with errno. */
static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

static int write_special(const char *path, const char *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -1;
	error = write_all(fd, data, len) ? errno : 0;
	if (close(fd) && !error)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}

/* The name is on the disk only when its folder is. */
static int sync_folder(const char *path)
{
	char folder[FILE_PATH_MAX];
	int fd, result;

	folder_of(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = fsync(fd);
	/* Some file systems cannot sync a folder; the rename still stands. */
	if (result && (errno == EINVAL || errno == ENOSYS))
		result = 0;
	close(fd);
	return result;
}

/* link() is the one step that fails if the name is taken; a file system
 * without links gets the nearest thing. */
static int move(const char *temp, const char *path, bool replace)
{
	if (replace)
		return rename(temp, path);
	if (!link(temp, path)) {
		unlink(temp);
		return 0;
	}
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	if (!access(path, F_OK)) {
		errno = EEXIST;
		return -1;
	}
	return rename(temp, path);
}

static int write_whole(const char *path, const char *data, size_t len,
		       bool replace)
{
	char temp[FILE_PATH_MAX + 32];
	int fd, error;

	if (strlen(path) >= FILE_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(temp, sizeof(temp), "%s.%d.tmp", path, (int)getpid());
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	error = write_all(fd, data, len) || fsync(fd) ? errno : 0;
	if (close(fd) && !error)
		error = errno;
	if (!error && move(temp, path, replace))
		error = errno;
	if (error) {
		unlink(temp);
		errno = error;
		return -1;
	}
	return sync_folder(path);
}

int file_write(const char *path, const char *data, size_t len)
{
	if (is_special(path))
		return write_special(path, data, len);
	return write_whole(path, data, len, true);
}

int file_write_new(const char *path, const char *data, size_t len)
{
	return write_whole(path, data, len, false);
}

bool file_holds(const char *path, const char *data, size_t len)
{
	FILE *f = fopen(path, "rb");
	size_t at = 0, n;
	char buf[4096];

	if (!f)
		return false;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
		if (n > len - at || memcmp(buf, data + at, n))
			break;
		at += n;
	}
	n += (size_t)ferror(f);
	fclose(f);
	return !n && at == len;
}

int file_may_write(const char *path)
{
	char folder[FILE_PATH_MAX];
	struct stat st;

	if (strlen(path) >= FILE_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (is_special(path))
		return access(path, W_OK);
	folder_of(path, folder);
	return access(folder, W_OK | X_OK);
}
