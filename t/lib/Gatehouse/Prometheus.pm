package Gatehouse::Prometheus;

# A real Prometheus with conf/prometheus, in a hurry, that reads the test's nginx.
#
#     my $prometheus = Gatehouse::Prometheus->start($t, $port);
#     $prometheus->ask('alerts'), $prometheus->stop

use v5.36;
use Gatehouse::Http;
use Gatehouse::Wait qw(wait_for);
use JSON::PP qw(decode_json);

sub program () { return (grep { -x } map { "$_/prometheus" } split /:/, $ENV{PATH})[0] }

sub available ($class) { return defined program() }

# Returns when it answers.
sub start ($class, $t, $port) {
    my $from = Gatehouse::root() . '/conf/prometheus';
    my $config = Gatehouse::read_file("$from/prometheus.yml");
    $t->write_file('prometheus.yml', $config =~ s/15s/1s/gr =~ s/127\.0\.0\.1:9113/'127.0.0.1:' . $t->port/er);
    $t->write_file('gatehouse.rules.yml', Gatehouse::read_file("$from/gatehouse.rules.yml"));
    my $self = bless {http => Gatehouse::Http->new(port => $port, timeout => 5)}, $class;
    $self->{process} = $t->spawn(name => 'prometheus', log => 'prometheus.log',
        command => [program(), '--config.file', $t->dir('prometheus.yml'), '--storage.tsdb.path', $t->dir('tsdb'), '--web.listen-address', "127.0.0.1:$port"]);
    wait_for(sub { $self->ask('status/runtimeinfo') }, 60, 'Prometheus');
    return $self;
}

# The data of an answer of its API; undef: there is none.
sub ask ($self, $path) {
    my $response = eval { $self->{http}->get("/api/v1/$path") } or return;
    return $response->{status} == 200 ? decode_json($response->{body})->{data} : undef;
}

# Whether it has read nginx.
sub reads ($self) { return (($self->ask('targets') // {})->{activeTargets}[0]{health} // '') eq 'up' }

# The value of a query that has one series, by its whole name; undef: none yet.
sub value ($self, $query) {
    $query =~ s/(\W)/sprintf '%%%02X', ord $1/ge;
    return (($self->ask("query?query=$query") // {})->{result}[0] // {})->{value}[1];
}

sub stop ($self) { return $self->{process}->stop('TERM', 20) }

1;
