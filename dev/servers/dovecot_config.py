"""What is written for dovecot.py into dovecot.conf: Dovecot 2.4 calls much by other names than 2.3."""

#: What both understand.
_COMMON = """
base_dir = {run}
state_dir = {run}
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
default_login_user = {login_user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
auth_mechanisms = plain login {mechanisms}
auth_failure_delay = 0
mail_max_userip_connections = 1000
mail_fsync = never
ssl = yes
service anvil {{
  client_limit = 5000
  chroot =
  # no waiting after refused log-ins
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  user = {user}
  client_limit = 5000
}}
service auth-worker {{
  user = {user}
}}
service imap {{
  process_limit = 1500
}}
service imap-login {{
  chroot =
  process_limit = 1500
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Trash {{
    auto = create
    special_use = \\Trash
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
  mailbox Archive {{
    auto = create
    special_use = \\Archive
  }}
}}
"""

_OF_2_3 = """
mail_location = maildir:{root}/mail/%u
disable_plaintext_auth = no
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.key
{token_passdb}
passdb {{
  driver = passwd-file
  args = username_format=%u {root}/users/%u
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={root}/mail/%u
}}
# To start a process takes longer than most connections last: each serves one after the other.
service imap-login {{
  service_count = 0
}}
service imap {{
  service_count = 1000
}}
"""
_TOKENS_OF_2_3 = """
passdb {{
  driver = oauth2
  mechanisms = {mechanisms}
  args = {root}/oauth2.conf
}}
"""
#: A file of its own, oauth2.conf.
_TOKEN_FILE_OF_2_3 = """
tokeninfo_url = {token_url}
username_attribute = email
"""

# These versions have to come first.
_OF_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = maildir
mail_path = {root}/mail/%{{user}}
auth_allow_cleartext = yes
ssl_server_cert_file = {root}/server.pem
ssl_server_key_file = {root}/server.key
{token_passdb}
passdb passwd-file {{
  auth_username_format = %{{user}}
  passwd_file_path = {root}/users/%{{user}}
}}
userdb static {{
  fields {{
    uid = {mail_user}
    gid = {mail_group}
    home = {root}/mail/%{{user}}
  }}
}}
service imap-login {{
  restart_request_count = unlimited
}}
service imap {{
  restart_request_count = 1000
}}
"""
_TOKENS_OF_2_4 = """
oauth2 {{
  # has to be said, though there is no introspection_url
  introspection_mode = get
  tokeninfo_url = {token_url}
  username_attribute = email
}}
passdb oauth2 {{
  mechanisms_filter = {mechanisms}
}}
"""


def configuration(version, values, oauth=None):
    """The files that configure a Dovecot, text by name.

    :param tuple version: such as (2, 3)
    :param dict values: what the templates leave open
    :param oauth: the OAuthServer whose access tokens let one in: each into the mailbox that it names
    """
    new = version >= (2, 4)
    values = values | {"mechanisms": "", "token_passdb": ""}
    files = {}
    if oauth:
        values["mechanisms"] = "xoauth2"
        values["token_url"] = f"{oauth.url}/tokeninfo?access_token="
        values["token_passdb"] = (_TOKENS_OF_2_4 if new else _TOKENS_OF_2_3).format(**values)
        if not new:
            files["oauth2.conf"] = _TOKEN_FILE_OF_2_3.format(**values)
    files["dovecot.conf"] = ((_OF_2_4 if new else _OF_2_3) + _COMMON).format(**values)
    return files
