#!/usr/bin/perl
# Cards are served the same by one process without a master, by many workers, and with reuseport.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my %model = (
    'no master' => {master => 0, workers => 1},
    'one worker' => {workers => 1},
    'eight workers' => {workers => 8},
    'four workers with reuseport' => {workers => 4, listen => 'reuseport'},
);

for my $name (sort keys %model) {
    my %option = %{$model{$name}};
    my $listen = delete $option{listen} // '';
    my $t = Gatehouse->new(%option);
    if (!$t->built('module', 'sidecar')) {
        plan skip_all => 'needs the module and the sidecar';
    }
    subtest $name => sub {
        $t->write_rows(1);
        $t->scene_config(max_age => '30s');
        $t->start_sidecar;
        $t->scene_nginx(listen => $listen);
        $t->start_nginx;
        my @first = map { $t->get('/api/rows') } 1 .. 20;
        is scalar(grep { $_->{status} != 200 } @first), 0, 'every worker has the cards from its first request on';

        my $load = $t->load(paths => ['/api/rows', '/api/count'], clients => 2, keepalive => 0);
        for my $generation (2 .. 10) {
            $t->write_rows($generation);
            $t->wait_for_generation($generation);
        }
        # Every worker, not only the one that answered: no answer of an older generation any more.
        wait_for(sub {
            !grep { Gatehouse::Scene::generation_of($t->get('/api/rows')) < 10 } 1 .. 30;
        }, 10, 'generation 10 in every worker');

        # Without a master nginx itself, with no module at all, serves nothing after a HUP.
        $t->reload_nginx if $option{master} // 1;
        $t->write_rows(11);
        $t->wait_for_generation(11);
        $t->kill_sidecar('KILL');
        is $t->get('/api/rows')->{status}, 200, 'served without the sidecar';
        $t->start_sidecar;
        $t->write_rows(12);
        $t->wait_for_generation(12);
        $t->load_ok($load->stop, 'publishes, a reload and a kill of the sidecar');
        is $t->stop_nginx, 'exit 0', 'nginx ends by QUIT';
        $t->finish;
    };
}

done_testing;
