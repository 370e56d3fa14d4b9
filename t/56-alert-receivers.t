#!/usr/bin/perl
# Kinds of receivers: chat, mail with and without TLS, programs; what is out of bounds; heartbeats.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Receiver;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64);
use Test::More;

my $t = Gatehouse->new(ports => 5);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my $receiver = Gatehouse::Receiver->start($t->port(1), $t->dir('receiver'));
my ($true, $false) = (JSON::PP::true, JSON::PP::false);

my ($made) = $t->run_program([qw(openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext), 'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout', $t->dir('key.pem'), '-out', $t->dir('cert.pem')]);
is $made, 0, 'a certificate';
sub smtp ($port, $name, @mode) {
    $t->spawn(name => $name, log => "$name.log", command => ['/usr/bin/python3', $t->root . '/t/lib/smtp_server.py', $t->port($port), $t->dir($name), @mode]);
    return;
}
my @keys = ($t->dir('cert.pem'), $t->dir('key.pem'));
smtp(2, 'plain');
smtp(3, 'starttls', 'starttls', @keys);
smtp(4, 'tls', 'tls', @keys);

chmod 0755, $t->write_file('page.sh', "#!/bin/sh\ncat > '$t->{dir}/paged.tmp' && mv '$t->{dir}/paged.tmp' '$t->{dir}/paged'\necho \"\$*\" > '$t->{dir}/arguments'\n");
my %mail = (kind => 'email', from => 'gate@example.com', to => ['ops@example.com', 'gone@example.com'], ca_file => '%%DIR%%/cert.pem', allow_private => $true, timeout => '20s');
my %account = (username => 'gate', password => 'tr0ub4dor');
my %config = (
    alerts => {
        allow_exec => $true,
        rules => {down => {on => 'check', summary => 'Größe <0 & more>', severity => 'critical', notify => [qw(chat mail pager)]}},
        receivers => {
            chat => {kind => 'slack', url => $receiver->url('chat'), allow_private => $true},
            mail => {%mail, url => 'smtp://127.0.0.1:%%PORT2%%'},
            starttls => {%mail, %account, url => 'smtp://localhost:%%PORT3%%'},
            tls => {%mail, %account, url => 'smtps://localhost:%%PORT4%%'},
            wrong_password => {%mail, %account, password => 'wrong', url => 'smtps://localhost:%%PORT4%%'},
            no_tls => {%mail, %account, url => 'smtp://127.0.0.1:%%PORT2%%'},
            not_trusted => {%mail, ca_file => '/etc/ssl/certs/ca-certificates.crt', url => 'smtps://localhost:%%PORT4%%'},
            busy => {%mail, from => 'busy@example.com', url => 'smtp://127.0.0.1:%%PORT2%%'},
            mail_within => {%mail, allow_private => $false, url => 'smtp://localhost:%%PORT2%%'},
            within => {kind => 'webhook', url => $receiver->url('within') =~ s/127.0.0.1/localhost/r},
            (map { $_ => {kind => 'webhook', url => $receiver->url($_), allow_private => $true} } qw(large torn torn_no)),
            moved => {kind => 'webhook', url => $receiver->url('moved'), allow_private => $true},
            pager => {kind => 'exec', command => ['%%DIR%%/page.sh', 'team a', '$HOME']},
        },
        heartbeat => {url => $receiver->url('beat'), every => '1s', allow_private => $true},
    },
);
$config{checks} = {flag => {kind => 'file', path => '%%DIR%%/flag', interval => '1s', severity => 'info'}};
$t->sidecar_config(\%config);
$t->start_sidecar;

# --- all at once ---
wait_for(sub { $receiver->got('chat') && -s $t->dir('plain') && -e $t->dir('paged') }, 30, 'messages to all');
my ($chat) = $receiver->got('chat');
my $said = decode_json($chat->{body});
is_deeply [keys %$said], ['text'], 'a chat gets a text';
like $said->{text}, qr/^\[FIRING\] critical: down \(flag\): Gr\x{f6}\x{df}e &lt;0 &amp; more&gt;\n/, 'with &, < and > escaped';
my $paged = decode_json(read_file($t->dir('paged')));
is $paged->{receiver}, 'pager', 'a program gets the message of a webhook';
is read_file($t->dir('arguments')), "team a \$HOME\n", 'and its arguments as they are';

sub mails ($name) { return map { decode_json($_) } split /\n/, read_file($t->dir($name)) // '' }
my ($mail) = mails('plain');
is_deeply $mail->{to}, ['ops@example.com'], 'a mail reaches those who are there';
my ($head, $text) = split /\r\n\r\n/, $mail->{data}, 2;
my ($parsed, $fields) = $t->run_program(['/usr/bin/python3', '-c', <<'END', $t->write_file('mail.eml', $mail->{data})]);
import email, email.policy, email.utils, json, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
print(json.dumps({**{k.lower(): str(v) for k, v in m.items()}, 'body': m.get_content(), 'at': email.utils.parsedate_to_datetime(m['date']).timestamp(), 'defects': len(m.defects)}))
END
is $parsed, 0, 'another program reads it';
$fields = decode_json($fields);
is $fields->{subject}, "[FIRING] critical: down (flag): Gr\x{f6}\x{df}e <0 & more>", 'its subject';
is $fields->{from}, 'gate@example.com', 'its sender';
is $fields->{to}, 'ops@example.com, gone@example.com', 'whom it is to';
like $fields->{'message-id'}, qr/^<[0-9a-f]{64}\@example\.com>$/, 'its id';
cmp_ok abs($fields->{at} - time), '<', 60, 'its date';
like $fields->{body}, qr/^\[FIRING\] critical: down \(flag\): Gr\x{f6}\x{df}e <0 & more>\r?\n  check "flag" is down/, 'its text';
is $fields->{defects}, 0, 'without defects';

# --- one by one ---
sub test_of ($name) { return $t->ctl('--timeout', 40, 'alert', 'test', $name) }
for my $name (qw(starttls tls)) {
    my ($exit, $out, $err) = test_of($name);
    is $exit, 0, "$name: a message for a trial is taken" or diag $err;
    my ($got) = mails($name);
    is $got->{encrypted}, $true, "$name: encrypted";
    is $got->{account}, 'gate', "$name: by its account";
    like decode_base64($got->{data} =~ s/.*?\r\n\r\n//sr), qr/This is a test: gatehousectl alert test $name/, "$name: it says so";
}
for (
    [wrong_password => qr/the server answered 535/],
    [no_tls => qr/no TLS by STARTTLS/],
    [not_trusted => qr/certificate/i],
    [busy => qr/the server answered 451/],
    [mail_within => qr/out of bounds: it is this machine/],
    [within => qr/out of bounds: it is this machine/],
) {
    my ($name, $why) = @$_;
    my ($exit, undef, $err) = test_of($name);
    is $exit, 1, "$name fails";
    like $err, $why, "$name: and says why";
}
is scalar($receiver->got('within')), 0, 'what is out of bounds is not reached';
$receiver->answer('moved', "302 Found\r\nLocation: " . $receiver->url('elsewhere'));
like +(test_of('moved'))[2], qr/redirects \(302\), and redirects are not followed/, 'a redirect';
is scalar($receiver->got('elsewhere')), 0, 'is not followed';
like +(test_of('nobody'))[2], qr/there is no receiver "nobody"/, 'one that does not exist';

$receiver->answer('large', "200 OK\r\nContent-Length: 200000\r\n\r\n" . 'x' x 200_000);
is +(test_of('large'))[0], 0, 'an answer that is too large is good by its status';
$receiver->answer('torn', "202 Accepted\r\nContent-Length: 1000\r\n\r\nx");
is +(test_of('torn'))[0], 0, 'so is one that does not end';
$receiver->answer('torn_no', "500 No\r\nContent-Length: 1000\r\n\r\nx");
like +(test_of('torn_no'))[2], qr/it answered 500/, 'or bad';

# --- a program that wants to be run again, and one that hangs ---
chmod 0755, $t->write_file('again.sh', "#!/bin/sh\ntest -e '$t->{dir}/once' && exec cp /dev/stdin '$t->{dir}/twice'\n: > '$t->{dir}/once'\nexit 75\n");
chmod 0755, $t->write_file('hang.sh', "#!/bin/sh\nexec tail -f /dev/null\n");
$config{alerts}{receivers}{again} = {kind => 'exec', command => ['%%DIR%%/again.sh']};
$config{alerts}{receivers}{hang} = {kind => 'exec', command => ['%%DIR%%/hang.sh'], timeout => '500ms'};
$config{alerts}{rules}{down}{notify} = ['again'];
$t->sidecar_config(\%config);
$t->reload_sidecar;
ok wait_for(sub { -s $t->dir('twice') }, 20, 'the second run'), 'exit status 75 has it run again';
like +(test_of('hang'))[2], qr/did not end in time/, 'one that hangs is ended';

# --- heartbeats ---
sub beats { return $receiver->got('beat') }
wait_for(sub { beats() >= 3 }, 20, 'three heartbeats');
is +(beats())[0]{method}, 'GET', 'a heartbeat is a GET';
cmp_ok +(beats())[2]{at} - (beats())[1]{at}, '>', 0.5, 'every second';
$receiver->answer('beat', '500 No');
wait_for(sub { $t->ctl_json('alert', 'list')->{heartbeat}{failed} == 1 }, 20, 'a failed heartbeat');
like $t->log_text('sidecar.log'), qr/heartbeat failed.*it answered 500/, 'a failure is in the log';
$t->stop_sidecar;
my $beats = beats();
$t->start_sidecar;
wait_for(sub { beats() > $beats }, 20, 'heartbeats again');
delete $config{alerts}{heartbeat};
$t->sidecar_config(\%config);
$t->reload_sidecar;
is $t->ctl_json('alert', 'list')->{heartbeat}, undef, 'a reload ends them';

$t->stop_sidecar;
unlike $t->log_text('sidecar.log'), qr/tr0ub4dor|127\.0\.0\.1:\d+\/(?:chat|beat)/, 'no password and no URL is in the log';
$t->done;
