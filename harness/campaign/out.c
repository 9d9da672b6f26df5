// SPDX-License-Identifier: GPL-2.0
/*
 * out: the folder that findings go to, made and tried before there is one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"

#define NAME_ROOM	160	/* for the name of a finding behind it */

static int make_folder(const char *path)
{
	char buf[CAMPAIGN_PATH_MAX];

	if (!path[0] || strlen(path) + NAME_ROOM >= sizeof(buf)) {
		errno = path[0] ? ENAMETOOLONG : ENOENT;
		return -1;
	}
	strcpy(buf, path);
	for (char *p = buf + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(buf, 0777) && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return mkdir(buf, 0777) && errno != EEXIST ? -1 : 0;
}

int campaign_check_out(const struct campaign *c)
{
	struct stat st;

	if (!make_folder(c->out) && !stat(c->out, &st)) {
		errno = ENOTDIR;
		if (S_ISDIR(st.st_mode) && !access(c->out, W_OK | X_OK))
			return 0;
	}
	fprintf(stderr, "HARNESS: --out %s: findings cannot be written there: %s\n",
		c->out, strerror(errno));
	return -1;
}
