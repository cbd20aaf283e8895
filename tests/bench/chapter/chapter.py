#!/usr/bin/env python3
"""The chapter's two performance tests, written afresh for numpy and numba.

    python3 tests/bench/chapter/chapter.py [--loops N]

1. convolution, forward and backward: x 64x3x28x28, 4 filters 3x3, padding 1, stride 1, dy of ones;
2. max pooling, forward and backward: x 64x3x28x28, windows 2x2, stride 2, dy random.
Each by loops that numba compiles and by img2col / col2img with numpy's matrix product, in float64, as
the chapter has it. The two methods are compared before anything is timed.
"""

import argparse
import statistics
import sys
import time

try:
    import numpy as np
    import numba
except ImportError as error:
    print(f"The chapter's tests need numpy and numba; this Python has no {error.name}: left out.")
    sys.exit(0)


# Convolution. x[N,C,H,W], w[K,C,R,S], b[K], y and dy[N,K,OH,OW]; padding p on each side, stride 1.


@numba.njit
def conv_forward_loops(xp, w, b):
    n, c, hp, wp = xp.shape
    k, _, r, s = w.shape
    oh, ow = hp - r + 1, wp - s + 1
    y = np.empty((n, k, oh, ow))
    for i in range(n):
        for f in range(k):
            for row in range(oh):
                for col in range(ow):
                    total = b[f]
                    for channel in range(c):
                        for u in range(r):
                            for v in range(s):
                                total += xp[i, channel, row + u, col + v] * w[f, channel, u, v]
                    y[i, f, row, col] = total
    return y


@numba.njit
def conv_backward_loops(dy, xp, w, p):
    n, c, hp, wp = xp.shape
    k, _, r, s = w.shape
    oh, ow = dy.shape[2:]
    dxp = np.zeros((n, c, hp, wp))
    dw = np.zeros((k, c, r, s))
    db = np.zeros(k)
    for i in range(n):
        for f in range(k):
            for row in range(oh):
                for col in range(ow):
                    delta = dy[i, f, row, col]
                    db[f] += delta
                    for channel in range(c):
                        for u in range(r):
                            for v in range(s):
                                dw[f, channel, u, v] += delta * xp[i, channel, row + u, col + v]
                                dxp[i, channel, row + u, col + v] += delta * w[f, channel, u, v]
    return dxp[:, :, p : hp - p, p : wp - p], dw, db


def img2col(xp, r, s):
    """[N*OH*OW, C*R*S]"""
    windows = np.lib.stride_tricks.sliding_window_view(xp, (r, s), axis=(2, 3))
    n, c, oh, ow = windows.shape[:4]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * r * s)


def conv_forward_img2col(xp, w, b):
    n, _, hp, wp = xp.shape
    k, _, r, s = w.shape
    col = img2col(xp, r, s)
    y = col @ w.reshape(k, -1).T + b
    return y.reshape(n, hp - r + 1, wp - s + 1, k).transpose(0, 3, 1, 2), col


def conv_backward_img2col(dy, col, xp_shape, w, p):
    n, c, hp, wp = xp_shape
    k, _, r, s = w.shape
    oh, ow = dy.shape[2:]
    rows = dy.transpose(0, 2, 3, 1).reshape(-1, k)
    dw = (rows.T @ col).reshape(w.shape)
    dcol = (rows @ w.reshape(k, -1)).reshape(n, oh, ow, c, r, s)
    dxp = np.zeros(xp_shape)
    for u in range(r):
        for v in range(s):
            dxp[:, :, u : u + oh, v : v + ow] += dcol[:, :, :, :, u, v].transpose(0, 3, 1, 2)
    return dxp[:, :, p : hp - p, p : wp - p], dw, rows.sum(axis=0)


# Max pooling without overlap. x[N,C,H,W], y and dy[N,C,OH,OW], windows q x q, stride q.


@numba.njit
def pool_forward_loops(x, q):
    n, c, h, w = x.shape
    y = np.empty((n, c, h // q, w // q))
    where = np.empty((n, c, h // q, w // q), np.int32)
    for i in range(n):
        for channel in range(c):
            for row in range(h // q):
                for col in range(w // q):
                    best = x[i, channel, row * q, col * q]
                    at = 0
                    for tap in range(1, q * q):
                        value = x[i, channel, row * q + tap // q, col * q + tap % q]
                        if value > best:
                            best, at = value, tap
                    y[i, channel, row, col] = best
                    where[i, channel, row, col] = at
    return y, where


@numba.njit
def pool_backward_loops(dy, where, shape, q):
    dx = np.zeros(shape)
    n, c, oh, ow = dy.shape
    for i in range(n):
        for channel in range(c):
            for row in range(oh):
                for col in range(ow):
                    tap = where[i, channel, row, col]
                    dx[i, channel, row * q + tap // q, col * q + tap % q] += dy[i, channel, row, col]
    return dx


def pool_forward_img2col(x, q):
    n, c, h, w = x.shape
    windows = x.reshape(n, c, h // q, q, w // q, q).transpose(0, 1, 2, 4, 3, 5)
    col = windows.reshape(-1, q * q)
    where = col.argmax(axis=1)
    return col[np.arange(col.shape[0]), where].reshape(n, c, h // q, w // q), where


def pool_backward_img2col(dy, where, shape, q):
    n, c, h, w = shape
    dcol = np.zeros((dy.size, q * q))
    dcol[np.arange(dy.size), where] = dy.ravel()
    windows = dcol.reshape(n, c, h // q, w // q, q, q).transpose(0, 1, 2, 4, 3, 5)
    return windows.reshape(shape)


def convolution():
    random = np.random.default_rng(1)
    x = random.standard_normal((64, 3, 28, 28))
    w = random.standard_normal((4, 3, 3, 3))
    b = random.standard_normal(4)
    dy = np.ones((64, 4, 28, 28))
    padded = lambda: np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))

    def loops():
        xp = padded()
        return (conv_forward_loops(xp, w, b), *conv_backward_loops(dy, xp, w, 1))

    def columns():
        xp = padded()
        y, col = conv_forward_img2col(xp, w, b)
        return (y, *conv_backward_img2col(dy, col, xp.shape, w, 1))

    return loops, columns


def max_pooling():
    random = np.random.default_rng(1)
    x = random.standard_normal((64, 3, 28, 28))
    dy = random.random((64, 3, 14, 14))

    def loops():
        y, where = pool_forward_loops(x, 2)
        return y, pool_backward_loops(dy, where, x.shape, 2)

    def columns():
        y, where = pool_forward_img2col(x, 2)
        return y, pool_backward_img2col(dy, where, x.shape, 2)

    return loops, columns


def milliseconds(call, loops):
    times = []
    for _ in range(loops):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description="the chapter's two performance tests")
    parser.add_argument("--loops", type=int, default=50, help="calls of each (50)")
    count = parser.parse_args().loops
    print(f"numpy {np.__version__}, numba {numba.__version__}; median of {count} calls, ms")
    print(f"{'forward and backward':<24}{'numba loops':>14}{'img2col':>14}")
    for name, (loops, columns) in {
        "convolution": convolution(),
        "max pooling": max_pooling(),
    }.items():
        for one, other in zip(loops(), columns()):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
        row = [milliseconds(call, count) for call in (loops, columns)]
        print(f"{name:<24}{row[0]:>14.2f}{row[1]:>14.2f}")


if __name__ == "__main__":
    main()
