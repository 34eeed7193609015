/* What libgit2 has of its own when it is built without SSH, TLS and Kerberos: promote asks remotes by the program `git`, and opens
   no connection by libgit2. With these in the place of Debian's, whatever opens one fails, and libssh2, OpenSSL, Kerberos and the
   TLS of mbed TLS are not in the program; nor is every certificate of the system read at each start, as mbed TLS does.
   Source: libgit2 1.5, transports/ssh.c (#else of GIT_SSH), streams/mbedtls.c, transports/auth_negotiate.h. */
#include <git2.h>

static int no_network(void) {
  git_error_set_str(GIT_ERROR_NET, "libgit2 was built into promote without a network");
  return -1;
}

int git_transport_ssh_global_init(void) { return 0; }
int git_smart_subtransport_ssh(void) { return no_network(); }
int git_transport_ssh_with_paths(void) { return no_network(); }

int git_mbedtls_stream_global_init(void) { return 0; }
int git_mbedtls__set_cert_location(void) { return no_network(); }
int git_mbedtls_stream_new(void) { return no_network(); }
int git_mbedtls_stream_wrap(void) { return no_network(); }

int git_http_auth_negotiate(void) { return no_network(); }
