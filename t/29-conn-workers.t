#!/usr/bin/perl
# Under a hammer the cap is reached and never passed; what a killed worker held is free within a second, exactly.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Upstream;

my $kills = $ENV{GATEHOUSE_KILLS} // ($ENV{GATEHOUSE_LONG} ? 100 : 10);
my $cap = 4;

sub nginx ($workers) {
    my $t = Gatehouse->new(ports => 2, workers => $workers);
    plan skip_all => 'module is not built' if !$t->built('module');
    my $app = Gatehouse::Upstream->start($t->port(1));
    $t->nginx_conf(<<"END", events => 'accept_mutex off;');
gate_conn_zone all zone=z:64k;
gate_conn_zone \$arg_k zone=keys:64k;
server {
    listen 127.0.0.1:%%PORT%% reuseport;
    location / { gate_conn zone=z $cap; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/keys { gate_conn zone=keys $cap; proxy_pass http://127.0.0.1:%%PORT1%%; }
}
END
    $t->start_nginx;
    return ($t, $app);
}

sub hold ($t, $path) {
    my $http = $t->http->connect;
    $http->send($http->format({path => $path}));
    return $http;
}


for my $workers (1, 2) {
    my ($t, $app) = nginx($workers);
    subtest "a hammer, workers: $workers" => sub {
        my $load = $t->load(paths => ['/work'], clients => 10, requests => $ENV{GATEHOUSE_LONG} ? 3000 : 200,
            accept => sub ($response) { $response->{status} =~ /^(?:200|429)$/ ? undef : "status $response->{status}" });
        my $report = $load->report;
        is $report->{failures}, 0, 'every request is admitted or refused' or diag explain $report->{failed};
        my ($admitted, $refused) = map { $report->{statuses}{$_} // 0 } 200, 429;
        cmp_ok $admitted, '>', 50, "$admitted admitted";
        cmp_ok $refused, '>', 100, "$refused refused";
        is $app->most, $cap, "never more than $cap at once, and as many as that";
        my @held = map { hold($t, '/hold') } 1 .. $cap;
        ok $app->wait_for_active($cap), 'then all places are free';
        is $t->get('/hold')->{status}, 429, 'and no more';
        $_->close for @held;
        $app->wait_for_active(0);
        $t->finish;
    };
}

my ($t, $app) = nginx(2);
subtest "$kills × kill -9" => sub {
    my ($slow, $over, $worst) = (0, 0, 0);
    for my $kill (1 .. $kills) {
        my @held = map { hold($t, '/hold') } 1 .. $cap;
        $app->wait_for_active($cap);
        ++$over if $t->get('/hold')->{status} != 429;
        my $worker = ($t->nginx_workers)[$kill % 2];
        $t->expect_killed_worker($worker);
        kill 'KILL', $worker;
        my $since = now();
        # Its share is gone: there is room for as many new ones, and for no more.
        wait_for(sub { my @now = $t->nginx_workers; @now == 2 && !grep { $_ == $worker } @now }, 5, 'a new worker');
        my $left = $app->active;
        my @new;
        while (@new < $cap - $left) {
            my $http = hold($t, '/hold');
            my $count = $left + @new + 1;
            if (eval { wait_for(sub { $app->active == $count }, 0.1, 'one more') }) {
                push @new, $http;
            }
            last if now() - $since > 5;
        }
        my $took = now() - $since;
        $worst = $took if $took > $worst;
        ++$slow if $took > 1.5 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1);
        ++$over if $t->get('/hold')->{status} != 429;
        $_->close for @held, @new;
        $app->wait_for_active(0);
    }
    is $over, 0, 'never one too many';
    is $slow, 0, sprintf 'free again in time (%.2f s at the worst, of which the new worker\'s start is a part)', $worst;
};

subtest 'a draining worker is killed, which nobody replaces' => sub {
    my @held = map { hold($t, '/hold') } 1 .. $cap;
    $app->wait_for_active($cap);
    my @old = $t->nginx_workers;
    $t->reload_nginx;
    is $t->get('/hold')->{status}, 429, 'what the old ones serve counts';
    $t->expect_killed_worker($_) for @old;
    kill 'KILL', @old;
    my $since = now();
    $app->wait_for_active(0);
    my @new;
    wait_for(sub {
        push @new, map { hold($t, '/hold') } 1 .. $cap - $app->active;
        eval { wait_for(sub { $app->active == $cap }, 0.05, 'all') };
    }, 10, 'all places');
    my $took = now() - $since;
    cmp_ok $took, '<', 1 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1), sprintf 'its places are free after %.2f s', $took;
    is $t->get('/hold')->{status}, 429, 'those and no more';
    $_->close for @held, @new;
    $app->wait_for_active(0);
};

subtest 'kill -9 under load' => sub {
    $app->reset;
    my $load = $t->load(paths => ['/work'], clients => 8, keepalive => 0,
        accept => sub ($response) { $response->{status} =~ /^(?:200|429)$/ ? undef : "status $response->{status}" });
    for my $kill (1 .. $kills) {
        $t->kill_worker(($t->nginx_workers)[$kill % 2]);
        my $served = () = $t->log_text('access.log') =~ /\n/g;
        wait_for(sub { (() = $t->log_text('access.log') =~ /\n/g) > $served + 20 }, 10, 'requests after a kill');
    }
    my $report = $load->stop;
    cmp_ok $report->{statuses}{200}, '>', 0, "$report->{statuses}{200} admitted, $report->{statuses}{429} refused";
    $app->wait_for_active(0);
    my @held;
    my $all = eval {
        wait_for(sub {
            push @held, hold($t, '/hold');
            eval { wait_for(sub { $app->active == $cap }, 0.1, 'all') };
        }, 5, 'all places');
    };
    ok $all, 'nothing leaked: all places are free';
    is $t->get('/hold')->{status}, 429, 'nor is there one more';
    $_->close for @held;
    $app->wait_for_active(0);
};

$t->done;
