#!/usr/bin/perl
# Sources of kind http: how a document becomes a card, how often an app is asked, and what is sent to it.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::JsonApp;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my $app = Gatehouse::JsonApp->start($t->port(1), $t->dir('app'));

my %card = (shape => 'records', max_age => '600s');
my (%source, %cards);
sub feed ($name, %option) {
    my $sql = delete $option{sql} // "select * from $name";
    $source{$name} = {kind => 'http', url => $app->url($name), allow_private => JSON::PP::true, every => '100ms', %option};
    $cards{$name} = {%card, path => "/$name", sql => $sql};
    return;
}

$app->serve(stats => '[{"n":1,"at":"2026-01-02 03:04:05","who":"ada"},{"n":2.5,"at":null,"who":"bob"}]');
feed('stats');
$app->serve(one => '{"cpu":0.5,"load":[1,2]}');
feed('one');
$app->serve(nested => '{"meta":{"a/b":[0,{"rows":[{"id":1},{"id":2}]}]},"more":[1,2,{"x":[]}]}');
feed('nested', rows => '/meta/a~1b/1/rows');
$app->serve(typed => '[{"id":1,"size":"1"},{"id":2,"size":"2"}]');
feed('typed', types => {size => 'INTEGER'}, sql => 'select typeof(size) as t, sum(size)::int as s from typed group by all');
$app->serve(columns => '[]');
feed('columns', columns => {id => 'BIGINT', name => 'VARCHAR'}, sql => 'select count(*)::int as n, count(name)::int as m from columns');
$app->serve(late => "\xEF\xBB\xBF [ {\"n\" :\n\"\\u00e9\\ud83d\\ude00\"} ,\r\n{\"n\":\"x\"}] ");
feed('late');
my $date = 'Thu, 01 Jan 2026 00:00:00 GMT';
$app->raw(dated => "HTTP/1.1 200 OK\r\nLast-Modified: $date\r\nContent-Length: 9\r\n\r\n[{\"n\":4}]");
feed('dated');
$app->serve(slow => '[{"n":1}]', 'Cache-Control: public, max-age=3600');
feed('slow');
$app->serve(sent => '[{"n":1}]');
feed('sent', headers => {'X-API-Key' => 'sesame', Accept => 'application/vnd.app+json'}, bearer => 'hunter2');
$app->raw(moved => "HTTP/1.1 302 Found\r\nLocation: /stats\r\nContent-Length: 0\r\n\r\n");
feed('moved', redirects => 1);
feed('unmoved', url => $app->url('moved'));
$app->raw(circle => "HTTP/1.1 302 Found\r\nLocation: /circle\r\nContent-Length: 0\r\n\r\n");
feed('circle', redirects => 3);

$t->sidecar_config({sources => \%source, cards => \%cards});
my $began = now();
$t->start_sidecar;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub body ($name) {
    my ($exit, $out) = $t->ctl('card', 'export', $name);
    return $exit == 0 ? $out =~ s/\n\z//r : undef;
}
sub becomes ($name, $json, $what) {
    my $found = eval { wait_for(sub { (body($name) // '') eq $json }, 10, "$name = $json") };
    return ok($found, $what) || diag(body($name) // $t->log_text('sidecar.log'));
}
sub source ($name) { return (grep { $_->{name} eq $name } @{$t->ctl_json('source', 'list')->{sources}})[0] }

# --- documents ---
becomes(stats => '[{"n":1.0,"at":"2026-01-02T03:04:05","who":"ada"},{"n":2.5,"at":null,"who":"bob"}]', 'an array of objects: types are detected');
becomes(one => '[{"cpu":0.5,"load":[1,2]}]', 'an object is one row');
becomes(nested => '[{"id":1},{"id":2}]', 'a pointer leads to the rows, through names with a slash and through arrays');
becomes(typed => '[{"t":"INTEGER","s":3}]', 'types are those that were declared');
becomes(columns => '[{"n":0,"m":0}]', 'no rows: columns are those that were declared');
becomes(late => qq([{"n":"\xC3\xA9\xF0\x9F\x98\x80"},{"n":"x"}]), 'a mark of UTF-8, blanks and line ends anywhere, escapes');
my @failed = grep { $_->{message} eq 'card failed' && $_->{card} !~ /moved|circle/ } map { eval { decode_json($_) } // () } split /\n/, $t->log_text('sidecar.log');
is_deeply \@failed, [], 'no card is tried before its first document is there';

# --- changes ---
my $before = card('stats');
$app->serve(stats => '[{"n":7}]');
becomes(stats => '[{"n":7}]', 'another document is another answer');
my $generation = card('stats')->{generation};
my $asked = $app->asked('stats');
wait_for(sub { scalar($app->asked('stats')) > $asked + 5 }, 10, 'five more fetches');
is card('stats')->{generation}, $generation, 'the same document publishes nothing';
like +($app->asked('stats'))[-1], qr/^If-None-Match: "[0-9a-f]{32}"\r$/m, 'it is asked for on condition';
$app->raw(stats => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{\"n\":7}]");
my $verified = source('stats')->{read_at};
wait_for(sub { source('stats')->{read_at} gt $verified }, 10, 'a fetch without ETag');
is card('stats')->{generation}, $generation, 'nor does one that comes without an ETag';

becomes(dated => '[{"n":4}]', 'a document with a date instead');
wait_for(sub { scalar($app->asked('dated')) > 1 }, 10, 'a second fetch');
like +($app->asked('dated'))[-1], qr/^If-Modified-Since: \Q$date\E\r$/m, 'is asked for on condition of that';
unlike +($app->asked('dated'))[0], qr/^If-Modified-Since/m, 'but not at first';
$app->raw(dated => "HTTP/1.1 304 Not Modified\r\nLast-Modified: $date\r\n\r\n");
$verified = source('dated')->{read_at};
$generation = card('dated')->{generation};
wait_for(sub { source('dated')->{read_at} gt $verified }, 10, 'an answer that it has not changed');
is_deeply [source('dated')->{up}, body('dated'), card('dated')->{generation}], [JSON::PP::true, '[{"n":4}]', $generation], 'which keeps it as it is';

# --- how often ---
wait_for(sub { scalar($app->asked('one')) >= 20 }, 20, 'twenty fetches of one');
cmp_ok scalar($app->asked('slow')), '<=', 1 + (now() - $began) / 0.9, 'max-age is heeded, up to ten times "every"';
ok eval { wait_for(sub { scalar($app->asked('slow')) >= 3 }, 20, 'further fetches of slow') }, 'and no further';

# --- what is sent ---
my ($request) = $app->asked('sent');
like $request, qr/^X-API-Key: sesame\r$/m, 'a header of its own';
like $request, qr/^Authorization: Bearer hunter2\r$/m, 'the bearer';
is_deeply [$request =~ /^Accept: (.*)\r$/mg], ['application/vnd.app+json'], 'one Accept, as configured';
like $request, qr/^Accept-Encoding:.*\bgzip\b/m, 'compressed answers are welcome';
my ($exit, $out) = $t->run_sidecar('-T');
is $exit, 0, 'the effective configuration is shown';
unlike $out, qr/sesame|hunter2/, 'without secrets';
unlike $t->log_text('sidecar.log'), qr/sesame|hunter2/, 'nor are they in the log';

# --- redirects ---
becomes(moved => '[{"n":7}]', 'a redirect is followed if asked for');
is source('unmoved')->{error}, 'the answer has the status 302', 'and not otherwise';
is source('circle')->{error}, 'redirected more than 3 times', 'nor for ever';

# --- the app goes, and comes again ---
$app->stop;
wait_for(sub { !source('one')->{up} }, 10, 'one is down');
my $down = source('one');
like $down->{error}, qr/connect|data from the peer/i, 'source list says why';
ok $down->{read_at}, 'and of when the last good document is';
is $down->{last_error}, $down->{error}, 'which is its last error';
like $down->{last_error_at}, qr/^\d{4}-\d\d-\d\dT/, 'with its time';
is body('one'), '[{"cpu":0.5,"load":[1,2]}]', 'the card keeps its data';
wait_for(sub { card('one')->{state} eq 'failed' }, 10, 'failure of the card');
like card('one')->{failure}{error}, qr/^source "one": was not fetched: .*; its last good document is of \d{4}-/, 'and says why';
my $restarted = Gatehouse::JsonApp->start($t->port(1), $t->dir('again'));
$restarted->serve($_ => '[{"n":9}]') for keys %source;
becomes(one => '[{"n":9}]', 'it recovers by itself');
is card('one')->{state}, 'fresh', 'and is fresh';

# --- gatehousectl ---
my ($status, $list) = $t->ctl('source', 'list');
like $list, qr{^one +http +no +up +\d+ m?s ago +- +one +http://127\.0\.0\.1:\d+/one$}m, 'source list';
my ($tested, $columns) = $t->ctl('source', 'test', 'one');
is $tested, 0, 'source test';
like $columns, qr/^n +BIGINT$/m, 'shows the columns';
unlike $columns, qr{/proc/}, 'and no path of ours';

# --- reload, restart, --once ---
my $count = $restarted->asked('one');
$source{one}{timeout} = '9s';
$t->sidecar_config({sources => \%source, cards => \%cards});
$t->reload_sidecar;
wait_for(sub { $restarted->asked('one') > $count && source('one')->{up} }, 10, 'a fetch under the new definition');
is body('one'), '[{"n":9}]', 'reload: the card stays';
$t->stop_sidecar;
my ($once, $said) = $t->run_sidecar('--once');
like $said, qr/^one: 1 rows/m, '--once fetches first';
$t->done;
