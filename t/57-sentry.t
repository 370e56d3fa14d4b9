#!/usr/bin/perl
# "sentry": errors as envelopes at a receiver, every field of them; secrets, samples, limits of rate, nginx's error log.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Metrics qw(samples);
use Gatehouse::Postbox;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

my $receiver = Gatehouse::Postbox->start($t->port(1), $t->dir('sentry'));
my $key = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
local $ENV{SENTRY_DSN} = "http://$key\@127.0.0.1:" . $t->port(1) . '/some/path/42';
my $failing = 0;
my (%cards, %sentry);
# Another card that cannot be computed: a new error.
sub one_more (%extra) {
    my $name = 'failing' . ++$failing;
    %cards = ($name => {path => "/$name", sql => 'select * from gone', %extra});
    configure();
    return $name;
}
sub configure () {
    $t->sidecar_config({
        sources => {gone => {kind => 'csv', path => '%%DIR%%/gone.csv'}}, cards => \%cards,
        sentry => {dsn => '${SENTRY_DSN:-}', environment => 'test', release => 'dashboard@7', server_name => 'edge-1',
            allow_private => \1, nginx_error_log => '%%DIR%%/logs/error.log', %sentry}});
    return;
}
sub reload () { $t->reload_sidecar; return }
sub outcomes () {
    my $now = samples($t->get('/metrics')->{body});
    return {map { /^gatehouse_error_reports_total\{outcome="(\w+)"\}$/ ? ($1 => $now->{$_}) : () } keys %$now};
}
sub counted ($outcome, $count) {
    my $seen;
    return ok(eval { wait_for(sub { ($seen = outcomes()->{$outcome} // 'none') eq $count }, 15, $outcome); 1 }, "$outcome: $count")
        || diag("$outcome is $seen; ", $t->log_text('sidecar.log'));
}
# The events so far, each with its request.
sub events () {
    return map {
        my ($head, $item, $body, @rest) = split /\n/, $_->{body};
        {request => $_, head => decode_json($head), item => decode_json($item), body => $body, event => decode_json($body), rest => \@rest}
    } $receiver->taken;
}
sub event ($pattern) {
    my @found;
    eval { wait_for(sub { @found = grep { $_->{event}{message} =~ $pattern } events() }, 15, "an event like $pattern"); 1 } or diag $@;
    return $found[0];
}

# --- one error, whole ---
my $from = time;
my $card = one_more();
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location = /metrics { gate_metrics; } location / { gate_board on; proxy_pass http://127.0.0.1:%%PORT2%%; } }');
$t->start_nginx;
$t->wait_in_step;
my $sent = event(qr/^card failed: .*gone\.csv/) or BAIL_OUT('no event');
is $sent->{request}{head}, 'POST /some/path/api/42/envelope/ HTTP/1.1', 'an envelope for the project of the DSN';
is $sent->{request}{fields}{'content-type'}, 'application/x-sentry-envelope', 'of that type';
like $sent->{request}{fields}{'x-sentry-auth'}, qr{^Sentry sentry_version=7, sentry_client=gatehouse/[\d.]+, sentry_key=$key$}, 'authenticated by the key';
like $sent->{request}{fields}{'user-agent'}, qr{^gatehouse/[\d.]+$}, 'from us';
my $event = $sent->{event};
like $event->{event_id}, qr/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/, 'its id is a random UUID without dashes';
is $sent->{head}{event_id}, $event->{event_id}, 'which the envelope has, too';
like $_, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'RFC 3339 in UTC' for $sent->{head}{sent_at}, $event->{timestamp};
is_deeply $sent->{item}, {type => 'event', content_type => 'application/json', length => length $sent->{body}}, 'the item says its type and its length in bytes';
is_deeply $sent->{rest}, [], 'and is the only one';
is join(' ', @$event{qw(platform level logger release environment server_name)}), 'other error gatehouse.cards dashboard@7 test edge-1', 'what it says of itself';
is_deeply $event->{fingerprint}, ['gatehouse.cards', 'card failed', "card=$card"], 'by which it is grouped';
is $event->{tags}{card}, $card, 'a tag to search by';
like $event->{extra}{declared}, qr/gatehouse\.json:\d+$/, 'and the fields of the log';
is $event->{sdk}{name}, 'gatehouse', 'the sender';
counted('sent', 1);
is_deeply [sort keys %{outcomes()}], [sort qw(sent sampled grouped rate_limited queue_full failed)], 'all outcomes are there from the start';

# --- the same again is not sent again ---
$t->ctl('card', 'refresh', $card) for 1 .. 5;
is scalar(grep { $_->{event}{tags}{card} // '' eq $card } events()), 1, 'the same error again is one event';

# --- secrets ---
one_more(sql => q(select error('password=hunter2 at postgresql://app:sesame@db/x with Bearer abc.def') from range(1)));
reload();
my $secret = event(qr/password=/);
like $secret->{event}{message}, qr{password=\[Filtered\] at postgresql://\[Filtered\]\@db/x with Bearer \[Filtered\]}, 'secrets are taken out';
unlike join('', map { $_->{body} } $receiver->taken), qr/hunter2|sesame|abc\.def/, 'of all that is sent';
my (undef, $dump) = $t->run_sidecar('-T');
like $dump, qr/"dsn": "•••"/, 'the DSN is not shown';
unlike $dump . $t->log_text('sidecar.log'), qr/\Q$key/, 'nor logged';

# --- nginx's error log ---
$t->get('/nothing-listens?token=sesame');
my $nginx = event(qr/^connect\(\) failed/);
is join(' ', @{$nginx->{event}}{qw(logger level)}), 'nginx error', 'an error of nginx';
is $nginx->{event}{extra}{request}, 'GET /nothing-listens HTTP/1.1', 'with the request, without its query';
unlike $nginx->{body}, qr/127\.0\.0\.1, server|"client"|sesame/, 'and without the client';
my $count = scalar events();
$t->get("/nothing-listens/$_") for 1 .. 3;
ok eval { wait_for(sub { outcomes()->{grouped} >= 3 }, 10, 'groups'); 1 }, 'more of the same are counted';
is scalar(events()), $count, 'and not sent';

# --- samples ---
my $before = outcomes();
%sentry = (sample_rate => 0);
one_more();
reload();
counted('sampled', $before->{sampled} + 1);
is outcomes()->{sent}, $before->{sent}, 'a sample rate of 0 sends nothing';

# Of 64 a quarter: 16, and by less than one in a million not between 2 and 34.
$before = outcomes();
%sentry = (sample_rate => 0.25);
%cards = map { ("sample$_" => {path => "/sample/$_", sql => 'select * from gone'}) } 1 .. 64;
configure();
reload();
my $since = sub (@outcomes) { my ($now, $sum) = (outcomes(), 0); $sum += $now->{$_} - $before->{$_} for @outcomes; return $sum };
ok eval { wait_for(sub { $since->(qw(sent sampled queue_full)) == 64 }, 30, '64 outcomes') }, 'a sample rate of 0.25: each of 64 errors is chosen, or left out'
    or diag explain outcomes();
my $chosen = 64 - $since->('sampled');
ok $chosen >= 2 && $chosen <= 34, 'about a quarter is chosen' or diag $chosen;
$before = outcomes();

# --- limits of rate ---
%sentry = ();
$receiver->answer("HTTP/1.1 200 OK\r\nX-Sentry-Rate-Limits: 60:transaction:key, 3600:security;attachment:organization\r\n\r\n{}");
one_more(); reload();
counted('sent', $before->{sent} + 1);
$receiver->answer("HTTP/1.1 200 OK\r\nX-Sentry-Rate-Limits: 3600:error:key\r\n\r\n{}");
one_more(); reload();
counted('sent', $before->{sent} + 2);
$count = $receiver->taken;
one_more(); reload();
counted('rate_limited', 1);
is scalar($receiver->taken), $count, 'once errors are limited nothing is sent any more';
is $t->kill_sidecar('TERM'), 'exit 0', 'that stops nobody';

# --- a 429, a server that fails, one that is gone: none of it is sent, and nothing goes round ---
$receiver->answer("HTTP/1.1 500 No\r\n\r\n");
one_more();
$t->start_sidecar;
wait_for(sub { $t->log_text('sidecar.log') =~ /error report not sent/ }, 15, 'a failure');
counted('failed', 1);
like $t->log_text('sidecar.log'), qr/"level":"warning","name":"gatehouse\.sentry","message":"error report not sent","error":"the answer is 500"/, 'a failure is a warning';
is scalar(grep { /error report not sent/ } map { $_->{body} } $receiver->taken), 0, 'which is not sent';
$receiver->answer("HTTP/1.1 429 Slow down\r\nRetry-After: 3600\r\n\r\n");
one_more(); reload();
counted('rate_limited', 1);
$count = $receiver->taken;
one_more(); reload();
counted('rate_limited', 2);
is scalar($receiver->taken), $count, 'Retry-After is kept to';
$t->kill_sidecar('TERM');
%sentry = (allow_private => \0);
configure();
like +($t->run_sidecar('-t'))[2], qr/errors that go by http:\/\/ may be read by anybody/, 'http:// needs allow_private';
local $ENV{SENTRY_DSN} = "https://$key\@127.0.0.1:" . $t->port(1) . '/42';
one_more();
$t->start_sidecar;
ok eval { wait_for(sub { $t->log_text('sidecar.log') =~ /"error report not sent","error":"the address is out of bounds: / }, 15, 'refusal'); 1 },
    'and without it no connection is made to this machine';
is scalar($receiver->taken), $count, 'none came';

# --- an error log of nginx that is not there ---
sub log_count ($pattern) { return scalar(() = $t->log_text('sidecar.log') =~ /$pattern/g) }
%sentry = (nginx_error_log => '%%DIR%%/gone/error.log');
configure();
reload();
ok eval { wait_for(sub { log_count(qr/"nginx's log not read","file":"[^"]*gone\/error\.log","error":"No such file or directory"/) }, 20, 'the complaint'); 1 },
    'a log that is not there is said';
mkdir $t->dir('gone') or die $!;
$t->write_file('gone/error.log', '');
ok eval { wait_for(sub { log_count(qr/"nginx's log is read again"/) }, 20, 'the end of it'); 1 }, 'and when it is';
is log_count(qr/nginx's log not read/), 1, 'once each';
%sentry = ();

# --- no DSN, and one that is none ---
%sentry = (dsn => '');
configure();
reload();
is_deeply outcomes(), {}, 'without a DSN nothing is counted' if wait_for(sub { !keys %{outcomes()} }, 10, 'the end of outcomes');
%sentry = (dsn => 'https://no-project.example');
configure();
my (undef, undef, $said) = $t->run_sidecar('-t');
like $said, qr/"dsn" is no DSN: it must be https:\/\/KEY\@HOST\/PROJECT/, 'what is no DSN is refused';
unlike $said, qr/no-project/, 'without being shown';
$t->done;
