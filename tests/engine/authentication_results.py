"""The headers that mail servers add to an email, with placeholders for the results of their checks."""

GMAIL = """\
Delivered-To: office@club.example
Received: by 2002:a05:6a10:4b0e:b0:4e6:1234:5678 with SMTP id xy1csp1;
        Mon, 5 Jan 2026 02:00:00 -0800 (PST)
X-Received: by 2002:a05:600c:1c1f:b0:3ee with SMTP id j31;
        Mon, 5 Jan 2026 02:00:00 -0800 (PST)
ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=google.com; s=arc; b=x
ARC-Authentication-Results: i=1; mx.google.com;
       dkim={0} header.i=@members.example header.s=s header.b=Ab+c=;
       dmarc=pass header.from=members.example
Return-Path: <ana@members.example>
Received: from mail.members.example (mail.members.example. [192.0.2.7])
        by mx.google.com with ESMTPS id a1 for <office@club.example>
        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);
        Mon, 5 Jan 2026 02:00:00 -0800 (PST)
Received-SPF: pass (google.com: domain of ana@members.example designates 192.0.2.7) client-ip=192.0.2.7;
Authentication-Results: mx.google.com;
       dkim={0} header.i=@members.example header.s=s header.b="Ab+c=";
       spf={1} (google.com: domain of ana@members.example designates 192.0.2.7 as permitted
       sender) smtp.mailfrom=ana@members.example;
       dmarc={2} (p=REJECT sp=REJECT dis=NONE) header.from=members.example
"""

MICROSOFT = """\
Received: from AM0PR01.eurprd01.prod.outlook.com (2603:10a6::1) by
 VI1PR01.eurprd01.prod.outlook.com with HTTPS; Mon, 5 Jan 2026 10:00:02 +0000
Received: from DB5EUR01.eop-eur01.prod.protection.outlook.com (2603:10a6::2)
 by AM0PR01CA0318.outlook.office365.com (2603:10a6::3) with Microsoft SMTP Server
 (version=TLS1_2) id 15.20; Mon, 5 Jan 2026 10:00:01 +0000
Authentication-Results: {0}
Received-SPF: Pass (protection.outlook.com: domain of members.example designates
 192.0.2.7 as permitted sender) receiver=protection.outlook.com;
Received: from mail.members.example (192.0.2.7) by
 DB5EUR01.mail.protection.outlook.com (10.152.4.1) with Microsoft SMTP Server id 15.20;
 Mon, 5 Jan 2026 10:00:00 +0000
Authentication-Results-Original: spf=fail smtp.mailfrom=x.example; dmarc=fail header.from=members.example
"""

ICLOUD = """\
Received: from p00-icloudmta-asmtp (p00 [10.0.0.1]) by mailmfe.mail.icloud.com with ESMTP; Mon, 5 Jan
Authentication-Results: bimi.icloud.com; bimi=skipped reason="insufficient dmarc"
X-ARC-Info: policy=fail; arc=none
Authentication-Results: arc.icloud.com; arc=none
Authentication-Results: dmarc.icloud.com; dmarc={0} header.from=members.example
X-DMARC-Info: pass=pass; dmarc-policy=reject
Authentication-Results: dkim-verifier.icloud.com;
\tdkim=pass (2048-bit key) header.d=members.example header.i=@members.example header.b=k2j
Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of ana@members.example) smtp
"""

YAHOO = """\
Received: from 10.253.1.1
 by atlas210.free.mail.ne1.yahoo.com with HTTPS; Mon, 5 Jan 2026 10:00:00 +0000
Return-Path: <ana@members.example>
X-Originating-Ip: [192.0.2.7]
Authentication-Results: atlas210.free.mail.ne1.yahoo.com;
 dkim={0} header.i=@members.example header.s=s1;
 spf={1} smtp.mailfrom=bounce.members.example;
 dmarc={2}(p=REJECT) header.from=members.example;
"""

FASTMAIL = """\
Received: from compute1.internal (compute1.nyi.internal [10.202.2.41])
\t by sloti7 (Cyrus 3.9) with LMTPA; Mon, 05 Jan 2026 05:00:00 -0500
Authentication-Results: mx1.messagingengine.com;
    arc=none (no signatures found);
    dkim=pass (2048-bit rsa key sha256) header.d=members.example
    header.i=@members.example header.b=AbC+/= header.a=rsa-sha256
    header.s=s1 x-bits=2048;
    dmarc={0} policy.published-domain-policy=reject
    policy.applied-disposition=none policy.evaluated-disposition=none
    (p=reject,d=none,d.eval=none) policy.policy-from=p
    header.from=members.example;
    iprev=pass smtp.remote-ip=192.0.2.7 (mail.members.example);
    spf=pass smtp.mailfrom=ana@members.example smtp.helo=mail.members.example
X-ME-Authentication-Results: mx1.messagingengine.com; dmarc=fail header.from=members.example
"""

POSTFIX = """\
Received: from mail.club.example
\tby mail.club.example with LMTP
\tid abc (envelope-from <ana@members.example>)
\tfor <office@club.example>; Mon, 05 Jan 2026 10:00:00 +0000
Received: from mail.members.example (mail.members.example [192.0.2.7])
\t(using TLSv1.3) (Client did not present a certificate)
\tby mail.club.example (Postfix) with ESMTPS id 4AbC
\tfor <office@club.example>; Mon,  5 Jan 2026 10:00:00 +0000 (UTC)
Authentication-Results: mail.club.example;
\tdmarc={0} (p=none dis=none) header.from=members.example
Authentication-Results: mail.club.example;
\tdkim=pass (2048-bit key; unprotected) header.d=members.example header.i=@members.example
"""

RSPAMD = """\
Received: from mail.members.example by mx2.club.example with esmtps; Mon, 5 Jan 2026 10:00:00 +0000
Authentication-Results: mx2.club.example;
\tdkim=pass header.d=members.example header.s=s header.b=Xy1;
\tdmarc={0} (policy=quarantine) header.from=members.example;
\tspf=pass (mx2.club.example: domain of ana@members.example designates 192.0.2.7)
\t smtp.mailfrom=ana@members.example
"""

IRONPORT = """\
Received: from x by ironport.club.example with ESMTP; Mon, 5 Jan 2026 10:00:00 +0000
Authentication-Results: ironport.club.example; spf=Pass smtp.mailfrom=ana@members.example; spf=None
 smtp.helo=postmaster@mail.members.example; dkim=hardfail (body hash did not verify [final])
 header.i=@members.example; dmarc={0} (p=quarantine dis=none) d=members.example
"""
