#!/usr/bin/perl
# One who scrapes without pause costs little, and still gets what is true: of a moment ago, and of now when there is a pause.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Metrics qw(samples);

my $t = Gatehouse->new(workers => 1);
plan skip_all => 'module is not built' if !$t->built('module');

$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location / { return 200 "hi\n"; }
    location = /metrics { gate_metrics; }
}
END
$t->start_nginx;

sub counted ($text, $path) { return samples($text)->{qq(http_requests_total{method="GET",endpoint="$path",status="200"})} }

sub other_format () { return $t->get('/metrics', Accept => 'application/openmetrics-text')->{body} }

# --- as many as a pipeline holds ---
is counted(other_format(), '/metrics'), 0, 'nothing is counted yet';
my $scrapes = 300;
my $client = $t->http(0, keepalive => 1);
$client->connect;
$client->send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" x $scrapes);
my @texts = map { $client->read_response->{body} } 1 .. $scrapes;
my @seen = map { counted($_, '/metrics') } @texts;
is_deeply [@seen[0 .. 49]], [1 .. 50], 'the first fifty are counted up, each';
is scalar(grep { $seen[$_] < $seen[$_ - 1] || $seen[$_] > $_ + 1 } 1 .. $#seen), 0, 'none after them is of earlier, or of later';
my %different = map { $_ => 1 } @seen;
cmp_ok scalar(keys %different), '<', $scrapes * 0.9, 'and many repeat what was counted up a moment ago';

# --- another format, while there is nothing left ---
is counted(other_format(), '/metrics'), $scrapes + 1, 'another format is of now';

# --- a pause ---
$t->get('/') for 1 .. 7;
my $later;
wait_for(sub { ($later = counted($t->get('/metrics')->{body}, '/')) == 7 }, 5, 'what was asked meanwhile');
is $later, 7, 'after a moment, so is this one';

$t->done;
