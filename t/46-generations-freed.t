#!/usr/bin/perl
# Old generations are freed: descriptors, mappings and memory of the workers are flat over 10,000 publishes
# under load.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $publishes = $ENV{GATEHOUSE_PUBLISHES} // 10_000;
my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my $publisher = $t->start_publisher;
my $large = 'x' x (200 << 10);
my $generation = 0;

# One publish of both cards: the second one's body is sent by sendfile.
sub publish_next {
    ++$generation;
    publish('small', qq([{"generation":$generation,"number":1},{"generation":$generation}]));
    publish('large', qq([{"generation":$generation,"text":"$large"}])) if $generation % 10 == 0;
}

sub publish ($name, $body) {
    my $file = $t->write_file($name, $body);
    return $publisher->command('publish', $name, "/api/$name", "json=$file");
}

sub publish_under_load ($count, $what) {
    my $load = $t->load(paths => ['/api/small', '/api/small', '/api/large'], clients => 2);
    publish_next() for 1 .. $count;
    $t->wait_for_answer('/api/small', sub ($r) { $r->{body} =~ /"generation":$generation\b/ });
    $t->load_ok($load->stop, $what);
}

sub held_by ($pid) {
    return {
        descriptors => Gatehouse::Process::descriptor_count($pid),
        mappings => Gatehouse::Process::mapping_count($pid, 'memfd:gatehouse-card'),
        kib => Gatehouse::Process::memory_kib($pid),
    };
}

# What all workers hold once nothing is in flight: idle connections of the load are closed by then.
sub settled ($known = undef) {
    my %held;
    eval {
        wait_for(sub {
            %held = map { $_ => held_by($_) } $t->nginx_workers;
            !grep { $_->{mappings} > 2 || ($known && $_->{descriptors} > $known) } values %held;
        }, 5, 'an end of the old generations');
    };
    return \%held;
}

$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; keepalive_requests 1000000;
    location / { gate_board on; } } sendfile on;');
publish_next() for 1 .. 10;
$t->start_nginx;
$publisher->command('wait', 2);

publish_under_load(int($publishes / 10), 'the first tenth');
my $before = settled();
my ($most) = sort { $b <=> $a } map { $_->{descriptors} } values %$before;
publish_under_load($publishes - int($publishes / 10), 'the rest');
my $after = settled($most);

is_deeply [sort keys %$after], [sort keys %$before], 'the workers are the same';
for my $pid (sort keys %$after) {
    my ($was, $is) = ($before->{$pid}, $after->{$pid});
    is $is->{mappings}, 2, "worker $pid maps one generation of each card";
    cmp_ok $is->{descriptors}, '<=', $most, "its descriptors: $was->{descriptors}, then $is->{descriptors}";
    next if $t->sanitizer;
    cmp_ok $is->{kib}, '<', $was->{kib} + 2048, "its memory: $was->{kib} KiB, then $is->{kib} KiB";
}
note "$generation publishes";

$t->done;
