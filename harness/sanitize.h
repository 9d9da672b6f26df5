/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sanitize.h: is this file built under a sanitizer? gcc and clang say it in
 * different ways. Both are always defined, 0 or 1.
 */
#ifndef HARNESS_SANITIZE_H
#define HARNESS_SANITIZE_H

#ifndef __has_feature
#define __has_feature(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZE_ADDRESS 1
#else
#define SANITIZE_ADDRESS 0
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define SANITIZE_THREAD 1
#else
#define SANITIZE_THREAD 0
#endif

#endif /* HARNESS_SANITIZE_H */
