#!/usr/bin/perl
# Counters never go backwards: over reloads, over workers killed -9, over more and fewer workers; and
# every scrape is consistent in itself.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Metrics qw(samples promtool fallen);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'module is not built' if !$t->built('module');

sub configure ($extra = '') {
    $t->nginx_conf(<<"END");
server {
    listen 127.0.0.1:%%PORT%%;
    location / { return 200 "hi\\n"; }
    $extra
    location = /metrics { gate_metrics; }
}
END
}

my $count = 'http_requests_total{method="GET",endpoint="/",status="200"}';
sub requests { return samples($t->get('/metrics')->{body})->{$count} }
my $asked = 0;
sub ask ($number) {
    my $client = $t->http(0, keepalive => 1);
    $client->get('/') for 1 .. $number;
    $asked += $number;
}

configure();
$t->start_nginx;
ask(20);
is requests(), 20, 'twenty requests';

# --- reloads ---
for my $workers (2, 4, 1, 3) {
    my $before = $t->get('/metrics')->{body};
    $t->{workers} = $workers;
    configure("location /of$workers { return 200; }");
    $t->reload_nginx;
    ask(10);
    is requests(), $asked, "after a reload with $workers workers: all $asked requests";
    is_deeply [fallen($before, $t->get('/metrics')->{body})], [], 'and nothing fell';
}
my $text = $t->get('/metrics')->{body};
ok exists samples($text)->{'http_requests_total{method="GET",endpoint="/of4",status="200"}'}, 'endpoints of before keep their series';
is promtool($t, $text), '', 'promtool finds nothing';

# --- killed workers, under load, while others scrape ---
my $load = $t->load(paths => ['/'], clients => 2);
my (@fallen, @inconsistent);
my $scrapes = 0;
my $last = $t->get('/metrics')->{body};
my $look = sub {
    my $next = eval { $t->get('/metrics')->{body} } // return;  # its worker was the one that was killed
    ++$scrapes;
    push @fallen, fallen($last, $next);
    push @inconsistent, inconsistent($next);
    $last = $next;
};
for my $kill (1 .. $ENV{GATEHOUSE_KILLS} // 10) {
    $t->kill_worker(($t->nginx_workers)[$kill % $t->{workers}]);
    $look->() for 1 .. 5;
}
my $report = $load->stop;
cmp_ok $scrapes, '>=', 20, "$scrapes scrapes";
is_deeply \@fallen, [], 'over ten kills nothing fell';
is_deeply \@inconsistent, [], 'and every histogram agreed with itself';
my $counted = requests() - $asked;
my $clients_lost = $report->{failures};
cmp_ok $counted, '>=', $report->{requests} - $clients_lost, "of $report->{requests} requests, $counted are counted";
cmp_ok $counted, '<=', $report->{requests} + $clients_lost, 'and none twice';

# --- a hundred scrapes at once ---
my @clients = map { $t->http(0, keepalive => 1) } 1 .. 100;
$_->connect for @clients;
$_->send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n") for @clients;
my @texts = map { $_->read_response->{body} } @clients;
is scalar(grep { inconsistent($_) } @texts), 0, 'a hundred at once: each consistent';
is scalar(grep { my $again = samples($_)->{$count}; $again < $counted + $asked } @texts), 0, 'each complete';

unlike $t->log_text('error.log'), qr/worker slots are held/, 'there was a slot for every worker';
$t->done;

# Histograms whose buckets fall, or whose last one is not the count.
sub inconsistent ($text) {
    my @wrong;
    my $samples = samples($text);
    for my $series (grep { /_count\{/ } keys %$samples) {
        my ($labels) = $series =~ /\{(.*)\}$/;
        my $previous = 0;
        for my $line ($text =~ /^(http_request_duration_seconds_bucket\{\Q$labels\E,.*)$/mg) {
            my ($value) = $line =~ / (\d+)$/;
            push @wrong, $line if $value < $previous;
            $previous = $value;
        }
        push @wrong, $series if $previous != $samples->{$series};
    }
    return @wrong;
}
