/* Compiler extensions, all in one place. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define ALWAYS_INLINE __attribute__((always_inline))
#define NOT_INLINE __attribute__((noinline))
#define FLATTEN __attribute__((flatten))     /* what it calls becomes part of it */
#define RARE __attribute__((cold, noinline)) /* keeps a function out of the way of its callers */
#define UNUSED __attribute__((unused))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PREFETCH(p) __builtin_prefetch(p)
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8") /* the loop behind it has at most so many turns */
#endif
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
