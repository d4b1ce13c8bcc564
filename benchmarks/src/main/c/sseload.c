// sseload: load client, bare servers and sinks for the side-by-side benchmark. One thread, epoll, no dependencies.
//   sseload run   ...   subscribers and publishers in one process (fan-out, narrow, ingest, idle, replay); see usage()
//   sseload serve ...   the physical limit: an HTTP server that only relays (and with -f appends + fdatasync)
//   sseload udp   ...   sendmmsg flood or fixed rate;   sseload sink PORT SECONDS   recvmmsg counter
// A message carries its send time and number as "id":"<ns>-<n>", both of fixed width, so that a request is
// rendered once and then only patched; a subscriber finds them by that marker whatever the framing around it.
// The harness (../python) builds and drives it; by hand: cc -O2 -Wall -o sseload sseload.c
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t u64;
#define MARK "\"id\":\""
#define TW 19 /* digits of a stamp */
#define NW 10 /* digits of a number */
#define NEED (sizeof MARK - 1 + TW + 1 + NW)

static u64 now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *f, ...) { va_list a; va_start(a, f); vfprintf(stderr, f, a); va_end(a); fprintf(stderr, " (%s)\n", strerror(errno)); exit(1); }
static void digits(char *p, int w, u64 v) { while (w--) { p[w] = '0' + v % 10; v /= 10; } }
static u64 num(const char *p, int w) { u64 v = 0; while (w--) { if (*p < '0' || *p > '9') return 0; v = v * 10 + *p++ - '0'; } return v; }

// ---- latency histogram: 32 steps to each doubling, in ns (3% wide) ----
typedef struct { u64 n, max, b[64 * 32]; } Hist;
static void hadd(Hist *h, u64 v) { if (v > h->max) h->max = v; h->n++; int e = v < 32 ? 0 : 63 - __builtin_clzll(v) - 4; h->b[e * 32 + ((v >> e) & 31)]++; }
static double hq(Hist *h, double q) { u64 c = 0, t = h->n * q; for (int i = 0; i < 64 * 32; i++) if ((c += h->b[i]) > t) return (double)((u64)(i % 32) << (i / 32)) / 1e6; return h->max / 1e6; }
static void hprint(const char *k, Hist *h) { printf("\"%s_p50_ms\":%.3f,\"%s_p90_ms\":%.3f,\"%s_p99_ms\":%.3f,\"%s_max_ms\":%.3f,", k, hq(h, .5), k, hq(h, .9), k, hq(h, .99), k, h->max / 1e6); }

// ---- what the kernel says about the server and this process ----
static int pids[16], npids;
static double cpu_of(int pid) { char p[64], b[1024]; snprintf(p, 64, "/proc/%d/stat", pid); FILE *f = fopen(p, "r"); if (!f) return 0; size_t n = fread(b, 1, 1023, f); fclose(f); b[n] = 0; unsigned long u = 0, s = 0; char *q = strrchr(b, ')'); if (q) sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &s); return (u + s) / (double)sysconf(_SC_CLK_TCK); }
static double server_cpu(void) { double s = 0; for (int i = 0; i < npids; i++) s += cpu_of(pids[i]); return s; }
static long grepnum(const char *path, const char *key) { char l[512]; long v = 0; FILE *f = fopen(path, "r"); if (!f) return 0; while (fgets(l, 512, f)) { char *q = strstr(l, key); if (q) { v = atol(q + strlen(key)); break; } } fclose(f); return v; }
static long server_rss(void) { long s = 0; char p[64]; for (int i = 0; i < npids; i++) { snprintf(p, 64, "/proc/%d/status", pids[i]); s += grepnum(p, "VmRSS:"); } return s; }
static long tcp_mem(void) { char l[256]; long m = 0; FILE *f = fopen("/proc/net/sockstat", "r"); while (fgets(l, 256, f)) if (!strncmp(l, "TCP:", 4)) sscanf(strstr(l, " mem"), " mem %ld", &m); fclose(f); return m * 4; }
static double self_cpu(void) { struct rusage r; getrusage(RUSAGE_SELF, &r); return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6; }

// ---- request template: head ($L = length of the body) + prefix + item x batch joined by sep + suffix + tail ----
// $T stamp, $N number, $K topic number (5 digits), once each or more an item; $C connection number (2 digits),
// in the head or greeting; rendered once, patched for each send.
static char *unescape(char *s) { char *o = s, *w = s; for (; *s; s++) if (*s == '\\' && s[1]) { s++; *w++ = *s == 'n' ? '\n' : *s == 'r' ? '\r' : *s == 't' ? '\t' : *s; } else *w++ = *s; *w = 0; return o; }
static char *head = "", *pre = "", *item = "", *sep = "\n", *suf = "", *tail = "", *hello = "", *ackmark = "HTTP/1.1 2";
static int batch = 1, topics = 1;
static char *req; static int reqlen, *tp, *np, *kp, nt, nn, nk, ht, hn, hk, cp = -1; // h?: how many of them come before the items
static void put(const char *s, int len) { // appends s to req, notes where the placeholders of an item lie
  for (; *s; s++) {
    if (*s == '$' && s[1] == 'L') { reqlen += sprintf(req + reqlen, "%d", len); s++; }
    else if (*s == '$' && s[1] == 'T') { tp[nt++] = reqlen; reqlen += TW; s++; }
    else if (*s == '$' && s[1] == 'N') { np[nn++] = reqlen; reqlen += NW; s++; }
    else if (*s == '$' && s[1] == 'K') { kp[nk++] = reqlen; reqlen += 5; s++; }
    else if (*s == '$' && s[1] == 'C') { cp = reqlen; reqlen += 2; s++; }
    else req[reqlen++] = *s;
  }
}
static void render(void) {
  size_t cap = strlen(head) + strlen(pre) + strlen(suf) + strlen(tail) + 64 + batch * (strlen(item) * 2 + strlen(sep) + 128);
  req = calloc(1, cap); tp = calloc(batch * 4 + 4, 4); np = calloc(batch * 4 + 4, 4); kp = calloc(batch * 4 + 4, 4);
  int len = 0;
  for (int pass = 0; pass < 2; pass++) { // the first pass finds the body's length
    reqlen = nt = nn = nk = 0; put(head, len); int from = reqlen; put(pre, len); ht = nt, hn = nn, hk = nk;
    for (int i = 0; i < batch; i++) { if (i) put(sep, len); put(item, len); }
    put(suf, len); len = reqlen - from; put(tail, len);
  }
}
static u64 seq;
static void patch(void) {
  u64 t = now(); int per_t = (nt - ht) / batch, per_n = (nn - hn) / batch, per_k = (nk - hk) / batch;
  for (int j = 0; j < ht; j++) digits(req + tp[j], TW, t);
  for (int j = 0; j < hn; j++) digits(req + np[j], NW, seq);
  for (int j = 0; j < hk; j++) digits(req + kp[j], 5, seq % topics);
  for (int i = 0; i < batch; i++, seq++) {
    for (int j = 0; j < per_t; j++) digits(req + tp[ht + i * per_t + j], TW, t);
    for (int j = 0; j < per_n; j++) digits(req + np[hn + i * per_n + j], NW, seq);
    for (int j = 0; j < per_k; j++) digits(req + kp[hk + i * per_k + j], 5, seq % topics);
  }
}

// ---- run: connections ----
enum { SUB, PUB };
typedef struct {
  int fd; uint8_t kind, raw, st, dead, ready, hdr; // st: chunked decoder; hdr: how much of \r\n\r\n was seen
  short keep; char carry[64];                // a marker cut by the end of a read
  long left; u64 last, got;                  // bytes left in the chunk (-1: not chunked); last number; events
  u64 sent[64]; unsigned so, sa;             // publisher: send times of outstanding requests
  char *out; int outlen, outcap;             // unsent bytes
} Conn;
static Conn *cs; static int ep, nsub, npub = 1, pipeline = 1;
static u64 received, acked_req, gaps, errors, closed_early, first_rx, last_rx, bytes_in; static long nready; static int order = 1;
static Hist lat, acklat;

static void scan(Conn *c, char *b, int n, u64 t) { // b has c->keep bytes of room used by carry before it
  char *end = b + n, *p = b - c->keep; memcpy(p, c->carry, c->keep); c->keep = 0;
  for (;;) {
    char *m = memmem(p, end - p, MARK, sizeof MARK - 1);
    if (!m) { int k = end - p < (int)sizeof MARK - 1 ? end - p : (int)sizeof MARK - 2; memcpy(c->carry, end - k, c->keep = k); return; }
    if (end - m < (int)NEED) { memcpy(c->carry, m, c->keep = end - m); return; }
    u64 ts = num(m + sizeof MARK - 1, TW), no = num(m + sizeof MARK - 1 + TW + 1, NW);
    p = m + NEED;
    if (!ts) continue;
    if (t > ts) hadd(&lat, t - ts);
    if (order && c->got && no != c->last + 1) gaps++;
    c->last = no; c->got++; received++; if (!first_rx) first_rx = t; last_rx = t;
  }
}
static void sub_data(Conn *c, char *b, int n, u64 t) {
  if (c->raw) { if (!c->ready) { c->ready = 1; nready++; } scan(c, b, n, t); return; }
  if (c->hdr < 4) { // response header; small, assume it comes whole but perhaps with data after it
    char *e = memmem(b, n, "\r\n\r\n", 4);
    if (strncmp(b, "HTTP/1.1 200", n < 12 ? n : 12)) { if (!errors++) fprintf(stderr, "refused: %.*s\n", n > 300 ? 300 : n, b); c->dead = 1; return; }
    if (!e) return;
    char s = *e; *e = 0; c->left = strcasestr(b, "transfer-encoding: chunked") ? 0 : -1; *e = s;
    c->hdr = 4; c->ready = 1; nready++; n -= e + 4 - b; b = e + 4;
  }
  if (c->left < 0) { scan(c, b, n, t); return; }
  while (n > 0) { // st 0: size line, 1: data, 2: the two bytes after data
    if (c->st == 1) { int k = n < c->left ? n : c->left; scan(c, b, k, t); b += k; n -= k; if (!(c->left -= k)) { c->st = 2; c->left = 2; } }
    else if (c->st == 2) { b++; n--; if (!--c->left) c->st = 0; }
    else { char ch = *b++; n--; if (ch == '\n') c->st = c->left ? 1 : 2, c->left = c->left ? c->left : 2; else if (ch != '\r') c->left = c->left * 16 + (ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10); }
  }
}
static void pub_data(Conn *c, char *b, int n, u64 t) { // counts ackmark wherever it is; for HTTP its last byte is the status class
  static int al, http; if (!al) al = strlen(ackmark), http = !strncmp(ackmark, "HTTP", 4);
  char *p = b - c->keep, *end = b + n, *m; memcpy(p, c->carry, c->keep); c->keep = 0;
  for (; (m = memmem(p, end - p, ackmark, al - http)) && end - m >= al; p = m + al) {
    if (memcmp(m, ackmark, al) && !errors++) fprintf(stderr, "refused: %.*s\n", (int)(end - m > 300 ? 300 : end - m), m);
    acked_req++; if (c->sa != c->so) hadd(&acklat, t - c->sent[c->sa++ & 63]);
  }
  if (!http && (m = memmem(p, end - p, "-ERR", 4)) && !errors++) fprintf(stderr, "refused: %.*s\n", (int)(end - m), m);
  int k = end - p < al - 1 ? end - p : al - 1; memcpy(c->carry, end - k, c->keep = k);
}
static void flush(Conn *c) {
  while (c->outlen) {
    int k = send(c->fd, c->out, c->outlen, MSG_NOSIGNAL);
    if (k < 0) { if (errno == EAGAIN) break; c->dead = 1; errors++; return; }
    memmove(c->out, c->out + k, c->outlen -= k);
  }
  struct epoll_event e = {.events = EPOLLIN | (c->outlen ? EPOLLOUT : 0), .data.ptr = c}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}
static void push(Conn *c, const char *b, int n) {
  int k = c->outlen ? 0 : send(c->fd, b, n, MSG_NOSIGNAL);
  if (k < 0) { if (errno != EAGAIN) { c->dead = 1; errors++; return; } k = 0; }
  if (k == n) return;
  if (c->outlen + n - k > c->outcap) c->out = realloc(c->out, c->outcap = (c->outlen + n - k) * 2);
  memcpy(c->out + c->outlen, b + k, n - k); c->outlen += n - k; flush(c);
}
static void pump(int wait) {
  static char buf[64 + (1 << 18)]; struct epoll_event ev[512];
  int n = epoll_wait(ep, ev, 512, wait); u64 t = now();
  for (int i = 0; i < n; i++) {
    Conn *c = ev[i].data.ptr; if (c->dead) continue;
    if (ev[i].events & EPOLLOUT) flush(c);
    if (!(ev[i].events & ~EPOLLOUT)) continue;
    int k = recv(c->fd, buf + 64, sizeof buf - 65, 0);
    if (k <= 0) { if (k < 0 && errno == EAGAIN) continue; closed_early++; c->dead = 1; epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, 0); continue; }
    bytes_in += k; buf[64 + k] = 0;
    if (c->kind == SUB) sub_data(c, buf + 64, k, k > 65536 ? now() : t); else pub_data(c, buf + 64, k, t);
  }
}
static int port, dial_no; static const char *host = "127.0.0.1";
static void dial(Conn *c) { // a source address for each 5000 connections, so that ports never run out
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)}, s = {.sin_family = AF_INET}; inet_pton(AF_INET, host, &a.sin_addr);
  s.sin_addr.s_addr = htonl(0x7f000002 + (getpid() % 60) * 4 + dial_no++ / 5000); int on = 1; struct linger lg = {1, 0};
  c->fd = socket(AF_INET, SOCK_STREAM, 0); if (c->fd < 0) die("socket");
  setsockopt(c->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on); setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof lg); setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(c->fd, (void *)&s, sizeof s) || connect(c->fd, (void *)&a, sizeof a)) die("connect");
  fcntl(c->fd, F_SETFL, O_NONBLOCK); struct epoll_event e = {.events = EPOLLIN, .data.ptr = c}; epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}
static void usage(void) {
  die("sseload run -p port [-N subscribers -q path|-Q raw request] [-x header]... [-C publishers -H head -B prefix -I item -J separator -E suffix -Z tail"
      " -b batch -G hello -A ack mark -P pipeline -W window] [-n messages] [-r rate] [-f deliveries a message] [-k topics] [-e events expected] [-d max s]"
      " [-w wait s before] [-o (numbers are not in order)] [-S server pid,pid...] [-a 127.0.0.1]");
}
static int run(int argc, char **argv) {
  char *path = "/", *rawq = 0, hdrs[8192] = ""; u64 total = 0, expect = 0; double rate = 0, maxs = 30, fan = -1, wait = 0.5; long window = 0; int o;
  npub = 0;
  while ((o = getopt(argc, argv, "p:N:q:Q:x:C:H:B:I:J:E:Z:b:G:A:P:W:n:r:f:k:e:d:w:oS:a:")) > 0) switch (o) {
    case 'p': port = atoi(optarg); break; case 'N': nsub = atoi(optarg); break; case 'q': path = optarg; break; case 'Q': rawq = unescape(optarg); break;
    case 'x': snprintf(hdrs + strlen(hdrs), 8192 - strlen(hdrs), "%s\r\n", optarg); break; case 'C': npub = atoi(optarg); break;
    case 'H': head = unescape(optarg); break; case 'B': pre = unescape(optarg); break; case 'I': item = unescape(optarg); break; case 'J': sep = unescape(optarg); break;
    case 'E': suf = unescape(optarg); break; case 'Z': tail = unescape(optarg); break; case 'b': batch = atoi(optarg); break; case 'G': hello = unescape(optarg); break;
    case 'A': ackmark = optarg; break; case 'P': pipeline = atoi(optarg); break; case 'W': window = atol(optarg); break; case 'n': total = atoll(optarg); break;
    case 'r': rate = atof(optarg); break; case 'f': fan = atof(optarg); break; case 'k': topics = atoi(optarg); break; case 'e': expect = atoll(optarg); break;
    case 'd': maxs = atof(optarg); break; case 'w': wait = atof(optarg); break; case 'o': order = 0; break; case 'a': host = optarg; break;
    case 'S': for (char *t = strtok(optarg, ","); t && npids < 16; t = strtok(0, ",")) pids[npids++] = atoi(t); break;
    default: usage();
  }
  if (!port) usage();
  if (pipeline > 64) die("at most 64 outstanding requests a connection");
  if (fan < 0) fan = nsub; 
  if (topics > 1) order = 0;
  ep = epoll_create1(0); cs = calloc(nsub + npub, sizeof *cs); render();
  long rss0 = server_rss(), mem0 = tcp_mem(), slab0 = grepnum("/proc/meminfo", "Slab:"); u64 t0 = now();
  for (int i = 0; i < nsub; i++) {
    Conn *c = cs + i; c->kind = SUB; c->raw = rawq != 0; dial(c);
    char b[16384], full[16384], k[16]; if (rawq) snprintf(full, sizeof full, "%s", rawq);
    else snprintf(full, sizeof full, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n%s\r\n", path, port, hdrs);
    int n = 0; snprintf(k, 16, "%05d", i % topics); for (char *s = full; *s; s++) if (*s == '$' && s[1] == 'K') { memcpy(b + n, k, 5); n += 5; s++; } else b[n++] = *s;
    push(c, b, n); for (u64 w = now(); i - nready - (long)errors > 64 && now() - w < 1e9;) pump(5); // a short accept queue must not overflow
  }
  while (nready < nsub - (long)errors && now() - t0 < 30e9) pump(50);
  double opened = (now() - t0) / 1e9;
  for (int i = nsub; i < nsub + npub; i++) { cs[i].kind = PUB; dial(cs + i); if (*hello) { char *h = strdup(hello), *q = strstr(h, "$C"); if (q) { q[0] = '0' + (i - nsub) / 10; q[1] = '0' + (i - nsub) % 10; } push(cs + i, h, strlen(h)); free(h); } }
  u64 ready = now(); while (now() - ready < wait * 1e9) pump(20);
  long rss1 = server_rss(), mem1 = tcp_mem(), slab1 = grepnum("/proc/meminfo", "Slab:");
  if (!expect) expect = npub && nsub ? (u64)(total * fan) : 0;
  double c0 = self_cpu(), s0 = server_cpu(); u64 start = now(), end_pub = 0, reqs = total / batch, sent = 0, due = start, bi = bytes_in;
  if (!npub) start = t0; // replay: from the first connection on
  int next = 0; u64 quiet = 0, last_seen = 0;
  for (;;) {
    u64 t = now(); if (t - start > maxs * 1e9) break;
    if (sent < reqs) { // publish what is allowed: by rate, by window of deliveries, or by outstanding requests
      int idle = 0;
      while (sent < reqs && idle < npub) {
        Conn *c = cs + nsub + next; next = (next + 1) % npub;
        if (rate && (t = now()) < due) break;
        if (window && sent * batch * fan >= received + window * fan) break;
        if (c->dead || c->so - c->sa >= (unsigned)pipeline) { idle++; continue; }
        idle = 0; patch(); if (cp >= 0) digits(req + cp, 2, c - cs - nsub);
        c->sent[c->so++ & 63] = now(); push(c, req, reqlen); sent++; if (rate) due += 1e9 * batch / rate;
      }
      if (sent == reqs) end_pub = now();
      t = now(); int ms = rate && sent < reqs && due > t ? (due - t) / 1000000 : 20;
      pump(rate && ms < 2 ? 0 : ms > 20 ? 20 : ms);
    } else {
      if (npub && acked_req >= reqs && received >= expect) break;
      if (!npub && expect && received >= expect) break;
      pump(20);
    }
    if (received + acked_req != last_seen) { last_seen = received + acked_req; quiet = now(); } else if (quiet && now() - quiet > 5e9) break;
  }
  u64 fin = now(); if (nsub && last_rx) fin = last_rx; if (npub && !nsub && quiet) fin = now();
  double secs = (fin - (nsub && !npub && first_rx ? t0 : start)) / 1e9, cc = self_cpu() - c0, sc = server_cpu() - s0;
  u64 min = ~0ull, max = 0; for (int i = 0; i < nsub; i++) { if (cs[i].got < min) min = cs[i].got; if (cs[i].got > max) max = cs[i].got; }
  printf("{\"connections\":%d,\"ready\":%ld,\"open_s\":%.2f,\"published\":%lu,\"acked\":%lu,\"publish_s\":%.3f,\"events\":%lu,\"expected\":%lu,\"min_conn\":%lu,\"max_conn\":%lu,\"secs\":%.3f,", nsub, nready, opened,
         sent * batch, acked_req * batch, end_pub ? (end_pub - start) / 1e9 : 0, received, expect, nsub ? min : 0, max, secs);
  printf("\"events_per_s\":%.0f,\"acked_per_s\":%.0f,\"mb_per_s\":%.1f,", received / secs, acked_req * batch / secs, (bytes_in - bi) / secs / 1e6);
  hprint("lat", &lat); hprint("ack", &acklat);
  printf("\"gaps\":%lu,\"errors\":%lu,\"closed\":%lu,\"client_cpu_s\":%.2f,\"server_cpu_s\":%.2f,", gaps, errors, closed_early, cc, sc);
  printf("\"rss0_kb\":%ld,\"rss1_kb\":%ld,\"rss2_kb\":%ld,\"tcpmem_kb\":%ld,\"slab_kb\":%ld}\n", rss0, rss1, server_rss(), mem1 - mem0, slab1 - slab0);
  return 0;
}

// ---- serve: the physical limit. GET = subscriber (from the beginning with ?all), POST = one event a body line. ----
// The log is one piece of memory of ready frames; a subscriber is a position in it. -c: one send of all that is new
// at the end of each epoll round; without: one send an event and subscriber. -f FILE: append + fdatasync once a round
// before the acknowledgements. A blocked subscriber waits for EPOLLOUT.
typedef struct Peer { int fd, sub, blocked, acks, inlen; u64 pos; struct Peer *next, *prev; char *in; } Peer;
static char *ring; static u64 nev, rlen; static Peer subs = {.next = &subs, .prev = &subs};
static void feed(Peer *p, u64 upto) {
  while (p->pos < upto) {
    int k = send(p->fd, ring + p->pos, upto - p->pos > 1 << 20 ? 1 << 20 : upto - p->pos, MSG_NOSIGNAL);
    if (k < 0) { if (errno == EAGAIN && !p->blocked) { p->blocked = 1; struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = p}; epoll_ctl(ep, EPOLL_CTL_MOD, p->fd, &e); } return; }
    p->pos += k;
  }
  if (p->blocked) { p->blocked = 0; struct epoll_event e = {.events = EPOLLIN, .data.ptr = p}; epoll_ctl(ep, EPOLL_CTL_MOD, p->fd, &e); }
}
static void reply_status(int fd) { // what the harness asks every server: is it ready, what has it taken, is it done with it
  char body[200], answer[400]; int len = snprintf(body, sizeof body, "{\"status\":\"OK\",\"head\":%lu,\"folded\":%lu,\"events_ingested\":%lu,\"queue_size\":0}\n", nev, nev, nev);
  int n = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len, body);
  if (send(fd, answer, n, MSG_NOSIGNAL) < 0) {}
}
static int serve(int argc, char **argv) {
  int o, coalesce = 0, file = -1; char *ok = "HTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n", *es = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\r\n"; port = 7000;
  while ((o = getopt(argc, argv, "p:cf:")) > 0) if (o == 'p') port = atoi(optarg); else if (o == 'c') coalesce = 1; else if ((file = open(optarg, O_CREAT | O_WRONLY | O_TRUNC, 0644)) < 0) die("%s", optarg);
  ring = mmap(0, 1ull << 34, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}; int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); if (bind(l, (void *)&a, sizeof a) || listen(l, 4096)) die("listen");
  ep = epoll_create1(0); struct epoll_event e = {.events = EPOLLIN}, ev[256]; epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
  static char sb[1 << 16]; u64 synced = 0;
  for (;;) {
    int n = epoll_wait(ep, ev, 256, -1); u64 before = rlen; Peer *acks[256]; int na = 0;
    for (int i = 0; i < n; i++) {
      Peer *p = ev[i].data.ptr;
      if (!p) { int fd; while ((fd = accept4(l, 0, 0, SOCK_NONBLOCK)) >= 0) { setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); Peer *q = calloc(1, sizeof *q); q->fd = fd; struct epoll_event x = {.events = EPOLLIN, .data.ptr = q}; epoll_ctl(ep, EPOLL_CTL_ADD, fd, &x); } continue; }
      if (ev[i].events & EPOLLOUT) feed(p, rlen);
      if (!(ev[i].events & ~EPOLLOUT)) continue;
      int k = recv(p->fd, sb, sizeof sb, 0);
      if (k <= 0) { if (k < 0 && errno == EAGAIN) continue; close(p->fd); if (p->sub) { p->next->prev = p->prev; p->prev->next = p->next; } free(p->in); free(p); continue; }
      p->in = realloc(p->in, p->inlen + k + 1); memcpy(p->in + p->inlen, sb, k); p->inlen += k; p->in[p->inlen] = 0;
      char *b = p->in, *h;
      while ((h = strstr(b, "\r\n\r\n"))) {
        if (!strncmp(b, "GET /status", 11) || !strncmp(b, "GET /readyz", 11)) { reply_status(p->fd); b = h + 4; continue; }
        if (*b == 'G') { p->sub = 1; p->pos = strncmp(b, "GET /?all", 9) ? rlen : 0; p->next = subs.next; p->prev = &subs; subs.next->prev = p; subs.next = p; if (write(p->fd, es, strlen(es)) < 0) {} feed(p, rlen); b = h + 4; continue; }
        char *cl = strcasestr(b, "content-length:"); int len = cl && cl < h ? atoi(cl + 15) : 0; if (p->in + p->inlen - h - 4 < len) break;
        for (char *q = h + 4, *end = q + len; q < end;) { char *nl = memchr(q, '\n', end - q); if (!nl) nl = end; rlen += sprintf(ring + rlen, "id: %024lx\nevent: insert\ndata: %.*s\n\n", ++nev, (int)(nl - q), q); q = nl + 1;
          if (!coalesce) { for (Peer *s = subs.next; s != &subs; s = s->next) if (!s->blocked) feed(s, rlen); } }
        p->acks++; acks[na < 255 ? na++ : na] = p; b = h + 4 + len;
      }
      if (p->sub) { free(p->in); p->in = 0; p->inlen = 0; } else { memmove(p->in, b, p->inlen -= b - p->in); p->in[p->inlen] = 0; }
    }
    if (rlen > before && file >= 0) { if (pwrite(file, ring + synced, rlen - synced, synced) < 0 || fdatasync(file)) die("write"); synced = rlen; }
    for (int i = 0; i < na; i++) while (acks[i]->acks) { acks[i]->acks--; if (send(acks[i]->fd, ok, strlen(ok), MSG_NOSIGNAL) < 0) break; }
    if (coalesce && rlen > before) for (Peer *s = subs.next; s != &subs; s = s->next) if (!s->blocked) feed(s, rlen);
  }
  return 0;
}

// ---- UDP ----
static int udp(int argc, char **argv) { // udp PORT MESSAGES RATE ITEM
  if (argc < 5) usage();
  port = atoi(argv[1]); u64 n = atoll(argv[2]), sent = 0; double rate = atof(argv[3]); item = argv[4]; enum { V = 64 };
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}; int fd = socket(AF_INET, SOCK_DGRAM, 0); if (connect(fd, (void *)&a, sizeof a)) die("connect");
  struct mmsghdr m[V] = {0}; struct iovec v[V]; char *d = malloc(V * 2048); render();
  for (int i = 0; i < V; i++) { v[i] = (struct iovec){d + i * 2048, reqlen}; m[i].msg_hdr.msg_iov = v + i; m[i].msg_hdr.msg_iovlen = 1; }
  u64 t0 = now(); double c0 = self_cpu();
  while (sent < n) {
    int k = rate ? (now() - t0) / 1e9 * rate - sent : V; if (k <= 0) { struct timespec s = {0, 200000}; nanosleep(&s, 0); continue; }
    if (k > V) k = V;
    if ((u64)k > n - sent) k = n - sent;
    for (int i = 0; i < k; i++) { patch(); memcpy(d + i * 2048, req, reqlen); }
    int r = sendmmsg(fd, m, k, 0); if (r < 0) { if (errno == ECONNREFUSED || errno == EAGAIN || errno == ENOBUFS) continue; die("sendmmsg"); }
    sent += r;
  }
  double s = (now() - t0) / 1e9; printf("{\"sent\":%lu,\"size\":%d,\"secs\":%.3f,\"sent_per_s\":%.0f,\"client_cpu_s\":%.2f}\n", sent, reqlen, s, sent / s, self_cpu() - c0); return 0;
}
static int sink(int argc, char **argv) { // sink PORT SECONDS: counts for so long after the first datagram
  if (argc < 3) usage();
  port = atoi(argv[1]); double secs = atof(argv[2]); enum { V = 64 };
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}; int fd = socket(AF_INET, SOCK_DGRAM, 0), rb = 4 << 20; setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rb, sizeof rb); if (bind(fd, (void *)&a, sizeof a)) die("bind");
  struct mmsghdr m[V] = {0}; struct iovec v[V]; static char d[V][2048]; for (int i = 0; i < V; i++) { v[i] = (struct iovec){d[i], 2048}; m[i].msg_hdr.msg_iov = v + i; m[i].msg_hdr.msg_iovlen = 1; }
  struct timeval to = {0, 500000}; setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &to, sizeof to);
  u64 n = 0, f = 0, l = 0, t0 = now(); double c0 = self_cpu();
  while (now() - t0 < 20e9 && (!f || now() - f < secs * 1e9)) { int k = recvmmsg(fd, m, V, MSG_WAITFORONE, 0); if (k <= 0) { if (f) break; continue; } l = now(); if (!f) f = l; n += k; }
  printf("{\"received\":%lu,\"secs\":%.3f,\"received_per_s\":%.0f,\"cpu_s\":%.2f}\n", n, (l - f) / 1e9, n / ((l - f) / 1e9), self_cpu() - c0); return 0;
}
int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN); struct rlimit r; getrlimit(RLIMIT_NOFILE, &r); r.rlim_cur = r.rlim_max; setrlimit(RLIMIT_NOFILE, &r);
  if (argc < 2) usage();
  argc--; argv++;
  return !strcmp(argv[0], "run") ? run(argc, argv) : !strcmp(argv[0], "serve") ? serve(argc, argv) : !strcmp(argv[0], "udp") ? udp(argc, argv) : !strcmp(argv[0], "sink") ? sink(argc, argv) : (usage(), 1);
}
