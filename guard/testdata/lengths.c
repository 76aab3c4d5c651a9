// Library functions that write more than the type of their parameter, or through several.
// term: struct conn.peer.sin6_scope_id
// term: struct conn.match[2].rm_so
#include <netinet/in.h>
#include <regex.h>
#include <sys/socket.h>
struct conn {
	int fd;
	struct sockaddr_in6 peer;
	regmatch_t match[4];
};
void take(struct conn *c) {
	socklen_t n = sizeof c->peer;
	c->fd = accept(c->fd, (struct sockaddr *)&c->peer, &n); // guard: may-write by-call; [2] may-write by-call
}
void hear(struct conn *c) {
	char b[10];
	socklen_t n = sizeof c->peer;
	recvfrom(c->fd, b, 10, 0, (struct sockaddr *)&c->peer, &n); // guard: may-write by-call; [2] may-write by-call
}
void search(struct conn *c, regex_t *r) {
	regexec(r, "a", 4, c->match, 0); // guard: may-write by-call; [2] may-write by-call
}
