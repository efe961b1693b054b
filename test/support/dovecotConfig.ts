/** Where a Dovecot of a test keeps and listens to things. */
export interface DovecotPlace {
  readonly directory: string
  readonly implicitTlsPort: number
  readonly startTlsPort: number
  readonly certificate: string
  readonly key: string
  /** Whose the mails are: not root. */
  readonly mailUser: { readonly name: string; readonly uid: number; readonly gid: number }
  /** Started as root, so that it may become its own users. */
  readonly asRoot: boolean
  /** Where access tokens are asked for; null for passwords only. */
  readonly tokenInfoUrl: string | null
}

const services = ({ asRoot, implicitTlsPort, mailUser, startTlsPort }: DovecotPlace): string => `
protocols = imap
listen = 127.0.0.1
${asRoot ? "" : `default_internal_user = ${mailUser.name}\ndefault_login_user = ${mailUser.name}`}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${startTlsPort}
  }
  inet_listener imaps {
    port = ${implicitTlsPort}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
auth_failure_delay = 0
`

/** For Dovecot 2.3, where passdb and userdb have drivers and arguments. */
export const config23 = (place: DovecotPlace): string => `
base_dir = ${place.directory}/run
state_dir = ${place.directory}/run
log_path = ${place.directory}/dovecot.log
${services(place)}
ssl = required
ssl_cert = <${place.certificate}
ssl_key = <${place.key}
disable_plaintext_auth = yes
auth_mechanisms = plain login${place.tokenInfoUrl === null ? "" : " xoauth2 oauthbearer"}
mail_location = maildir:${place.directory}/mail/%n
mail_max_userip_connections = 10
first_valid_uid = 1
maildir_copy_with_hardlinks = no
namespace inbox {
  inbox = yes
  separator = /
}
${place.tokenInfoUrl === null ? "" : `passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${place.directory}/oauth2.conf.ext
}`}
passdb {
  driver = passwd-file
  args = ${place.directory}/users
}
userdb {
  driver = static
  args = uid=${place.mailUser.uid} gid=${place.mailUser.gid} home=${place.directory}/home/%n
}
`

export const oauth2Config = (tokenInfoUrl: string): string => `
tokeninfo_url = ${tokenInfoUrl}

username_attribute = email
active_attribute = active
active_value = true
`

/** Without what a distribution adds: "2.4.1-4" is a version that Dovecot itself refuses. */
const upstream = (version: string): string => /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version

/** For Dovecot 2.4, which names its settings anew (doc.dovecot.org, "Upgrading Dovecot CE from 2.3 to 2.4"). */
export const config24 = (place: DovecotPlace, version: string): string => `
dovecot_config_version = ${upstream(version)}
dovecot_storage_version = ${upstream(version)}
base_dir = ${place.directory}/run
state_dir = ${place.directory}/run
log_path = ${place.directory}/dovecot.log
${services(place)}
ssl = required
ssl_server_cert_file = ${place.certificate}
ssl_server_key_file = ${place.key}
auth_allow_cleartext = no
auth_mechanisms = plain login${place.tokenInfoUrl === null ? "" : " xoauth2 oauthbearer"}
mail_driver = maildir
mail_path = ${place.directory}/mail/%{user | username}
mail_max_userip_connections = 10
first_valid_uid = 1
maildir_copy_with_hardlinks = no
namespace inbox {
  inbox = yes
  separator = /
}
${place.tokenInfoUrl === null ? "" : `oauth2 {
  tokeninfo_url = ${place.tokenInfoUrl}
  introspection_mode = auth
  username_attribute = email
  active_attribute = active
  active_value = true
}
passdb oauth2 {
  mechanisms_filter = xoauth2 oauthbearer
}`}
passdb passwd-file {
  passwd_file_path = ${place.directory}/users
}
userdb static {
  fields {
    uid = ${place.mailUser.uid}
    gid = ${place.mailUser.gid}
    home = ${place.directory}/home/%{user | username}
  }
}
`
