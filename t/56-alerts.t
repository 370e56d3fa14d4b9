#!/usr/bin/perl
# Alerts from the first sign to the end: told once, signed, tried again, silenced, and over restarts and reloads.

use v5.36;
use lib 't/lib';
use Digest::SHA qw(hmac_sha256_hex);
use Gatehouse;
use Gatehouse::Receiver;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my $receiver = Gatehouse::Receiver->start($t->port(1), $t->dir('receiver'));
my $true = JSON::PP::true;
my $secret = 'a secret of this test';

my %hook = (kind => 'webhook', url => $receiver->url('hook'), secret => $secret, allow_private => $true);
my %config = (
    state => {path => '%%DIR%%/state.db'},
    checks => {
        flag => {kind => 'file', path => '%%DIR%%/flag', interval => '1s', severity => 'info'},
        slow => {kind => 'file', path => '%%DIR%%/never', interval => '1s', severity => 'info'},
    },
    alerts => {
        rules => {
            down => {
                on => 'check', check => 'flag', severity => 'critical', summary => 'Gone: 100 % %n {{ value }} ${x}' =~ s/\$/\$\$/r,
                runbook => 'https://wiki.example.com/flag', notify => ['hook'],
            },
            later => {on => 'check', check => 'slow', for => '1h', notify => ['hook']},
        },
        receivers => {hook => \%hook, other => {%hook, url => $receiver->url('other')}},
    },
);
sub flag_up { $t->write_file('flag', 'x'); return }
sub flag_down { unlink $t->dir('flag'); return }
sub alerts { return map { $_->{rule} => $_ } grep { $_->{state} ne 'resolved' } @{$t->ctl_json('alert', 'list')->{alerts}} }
sub state_of ($rule) { my %alerts = alerts(); return ($alerts{$rule} // {})->{state} // 'none' }
sub receiver_of ($name) { return (grep { $_->{name} eq $name } @{$t->ctl_json('alert', 'list')->{receivers}})[0] }
sub messages { return $receiver->got('hook') }
sub wait_for_messages ($count) { return wait_for(sub { messages() >= $count }, 20, "message $count of " . messages()) }

# Runs of the check that the alerts have seen: what would be told by now was told.
sub some_runs {
    $t->ctl('health', 'flag', '--now') for 1 .. 3;
    my $told = sub { my %r = %{receiver_of('hook')}; !$r{waiting} };
    return wait_for($told, 10, 'nothing to be told');
}

flag_up();
$t->sidecar_config(\%config);
$t->start_sidecar;
wait_for(sub { state_of('later') eq 'pending' }, 20, 'a pending alert');
some_runs();
is scalar messages(), 0, 'nobody is told of what is pending, nor of what is well';

# --- it fires ---
flag_down();
wait_for_messages(1);
my ($first) = messages();
is $first->{method}, 'POST', 'a webhook is a POST';
is $first->{fields}{'content-type'}, 'application/json', 'of JSON';
my $body = decode_json($first->{body});
is_deeply [@$body{qw(version receiver status test)}], ['1', 'hook', 'firing', JSON::PP::false], 'the message';
is scalar @{$body->{alerts}}, 1, 'of one alert';
my $alert = $body->{alerts}[0];
is $alert->{summary}, 'Gone: 100 % %n {{ value }} ${x}', 'a summary is told word for word';
is_deeply [@$alert{qw(status rule target severity ends_at runbook)}], ['firing', 'down', 'flag', 'critical', undef, 'https://wiki.example.com/flag'], 'its alert';
like $alert->{detail}, qr/^check "flag" is down: .*No such file/, 'and what was found';
like $alert->{starts_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'since when';
like $alert->{fingerprint}, qr/^[0-9a-f]{16}$/, 'its fingerprint';
my ($time, $mac) = $first->{fields}{'x-gatehouse-signature'} =~ /^t=(\d+),v1=([0-9a-f]{64})$/;
is $mac, hmac_sha256_hex("$time.$first->{body}", $secret), 'the signature is right';
cmp_ok abs($time - $first->{at}), '<', 30, 'and of now';
my ($python) = read_file($t->root . '/docs/alerts.md') =~ /^```python\n(.*?)^```/ms;
$t->write_file('genuine.py', "$python\nimport sys\nprint(is_genuine(open(sys.argv[1], 'rb').read(), sys.argv[2], sys.argv[3]))\n");
sub genuine ($text, $key) {
    return ($t->run_program(['/usr/bin/python3', $t->dir('genuine.py'), $t->write_file('body', $text), $first->{fields}{'x-gatehouse-signature'}, $key]))[1];
}
is genuine($first->{body}, $secret), "True\n", 'by the program of the documents, too';
is genuine("$first->{body} ", $secret), "False\n", 'which sees a change';
is genuine($first->{body}, 'another'), "False\n", 'and another secret';
like $first->{fields}{'idempotency-key'}, qr/^[0-9a-f]{64}$/, 'a key of its own';
some_runs();
is scalar messages(), 1, 'told once, however often the check fails';
is scalar($receiver->got('other')), 0, 'and nobody whom the rule does not name';
like +($t->ctl('alert', 'list'))[1], qr/^down +flag +critical +firing +\S+ +- +Gone/m, 'gatehousectl shows it';

# --- restarts and reloads in the midst of it ---
$t->stop_sidecar;
$t->start_sidecar;
wait_for(sub { state_of('down') eq 'firing' }, 20, 'the alert after a restart');
some_runs();
my %after = alerts();
is $after{down}{starts_at}, $alert->{starts_at}, 'a restart keeps since when it fires';
is $after{down}{told}{hook}{state}, 'firing', 'and who knows';
$t->kill_sidecar;
$t->start_sidecar;
wait_for(sub { state_of('down') eq 'firing' }, 20, 'the alert after a crash');
$t->reload_sidecar;
some_runs();
is scalar messages(), 1, 'nobody is told again after a restart, a crash, a reload';
is state_of('later'), 'pending', 'what is pending is so still';

# --- it is over ---
flag_up();
wait_for_messages(2);
$body = decode_json((messages())[1]{body});
is $body->{status}, 'resolved', 'the end is told';
is $body->{alerts}[0]{starts_at}, $alert->{starts_at}, 'of the same alert';
like $body->{alerts}[0]{ends_at}, qr/Z$/, 'with its time';
isnt +(messages())[1]{fields}{'idempotency-key'}, $first->{fields}{'idempotency-key'}, 'under another key';
is state_of('down'), 'none', 'it is listed no longer';
like +($t->ctl('alert', 'list', '--all'))[1], qr/^down +flag +critical +resolved /m, 'but among all';

# --- silences ---
my $silence = $t->ctl_json(qw(alert silence down --target flag --for 2h --comment), 'being worked on');
is_deeply [@$silence{qw(rule target comment)}], ['down', 'flag', 'being worked on'], 'a silence';
flag_down();
wait_for(sub { state_of('down') eq 'firing' }, 20, 'a silenced alert');
$t->stop_sidecar;
$t->start_sidecar;
wait_for(sub { state_of('down') eq 'firing' }, 20, 'the silenced alert after a restart');
some_runs();
is scalar messages(), 2, 'nobody is told, also after a restart';
like +($t->ctl('alert', 'list'))[1], qr/^down +flag +critical +firing \(silenced\).*^\s*$silence->{id} +down +flag +\S+ +being worked on$/ms, 'it is shown';
is +($t->ctl('alert', 'unsilence', $silence->{id}))[0], 0, 'the silence ends';
wait_for_messages(3);
is decode_json((messages())[2]{body})->{alerts}[0]{status}, 'firing', 'and what still fires is told';
my ($exit, undef, $err) = $t->ctl(qw(alert silence dwon --for 2h));
is $exit, 1, 'a rule that does not exist';
like $err, qr/there is no rule "dwon"; did you mean "down"\?/, 'is said to be none';
is +($t->ctl(qw(alert silence down --for soon)))[0], 2, 'a time that is none';
is +($t->ctl(qw(alert unsilence 999)))[0], 1, 'a silence that does not exist';

# --- receivers in trouble ---
$receiver->answer('hook', '500 No', "503 No\r\nRetry-After: 2");
flag_up();
wait_for_messages(6);
my @tries = (messages())[3 .. 5];
is_deeply [map { $_->{answer} =~ /^(\d+)/ } @tries], [500, 503, 200], 'tried again until it is taken';
is $_->{body}, $tries[0]{body}, 'the same message' for @tries[1, 2];
is $_->{fields}{'idempotency-key'}, $tries[0]{fields}{'idempotency-key'}, 'under the same key' for @tries[1, 2];
cmp_ok $tries[1]{at} - $tries[0]{at}, '>', 0.4, 'after a while';
cmp_ok $tries[2]{at} - $tries[1]{at}, '>=', 1.9, 'and as late as it asks';
my %counts = %{receiver_of('hook')};
is $counts{retried}, 2, 'which is counted';
$receiver->answer('hook', '404 No');
flag_down();
wait_for_messages(7);
wait_for(sub { receiver_of('hook')->{failed} == 1 }, 10, 'a failure');
some_runs();
is scalar messages(), 7, 'what is refused for good is not tried again';
is receiver_of('hook')->{error}, 'it answered 404', 'and is said';
like $t->log_text('sidecar.log'), qr/alerts not told.*it answered 404/, 'in the log, too';

# --- a rule that is gone ---
delete $config{alerts}{rules}{later};
$config{alerts}{rules}{more} = {on => 'check', check => 'slow', notify => ['other']};
$t->sidecar_config(\%config);
$t->reload_sidecar;
is wait_for(sub { state_of('more') eq 'firing' && state_of('later') eq 'none' }, 20, 'the rules of now'), 1, 'a reload takes rules and drops others';
delete $config{alerts}{rules}{more};
wait_for(sub { $receiver->got('other') == 1 }, 20, 'the first message');
$t->sidecar_config(\%config);
$t->reload_sidecar;
wait_for(sub { $receiver->got('other') == 2 }, 20, 'the last message');
is decode_json(($receiver->got('other'))[1]{body})->{status}, 'resolved', 'whoever knew of its alerts is told that they are over';

$t->stop_sidecar;
unlike $t->log_text('sidecar.log'), qr/\Q$secret\E|\/hook/, 'no secret and no URL is in the log';
$t->done;
