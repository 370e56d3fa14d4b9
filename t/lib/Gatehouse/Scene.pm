package Gatehouse::Scene;

# The scene of the lifecycle tests: one CSV whose rows all carry the generation they were written with, and
# cards of it. A body with two generations is then torn, whoever tore it.

use v5.36;
use POSIX ();
use Gatehouse::Process;
use Gatehouse::Wait qw(wait_for);

# The sidecar's configuration: a card of all rows on /api/rows, and one of their number on /api/count.
# Options are settings of both cards, such as max_age => '2s'.
sub scene_config ($self, %card) {
    return $self->sidecar_config({
        sources => {data => {kind => 'csv', path => '%%DIR%%/data.csv'}},
        cards => {
            rows => {path => '/api/rows', sql => 'select * from data', %card},
            count => {
                path => '/api/count',
                sql => 'select max(generation) as generation, count(*) as n from data',
                %card,
            },
        },
    });
}

# Writes the CSV of one generation, in one step.
sub write_rows ($self, $generation, $rows = 20) {
    my $text = "generation,number,text\n";
    $text .= "$generation,$_,row $_ of generation $generation\n" for 1 .. $rows;
    return $self->write_file('data.csv', $text);
}

# nginx in front of the scene; a miss is a 404. Options as nginx_conf's, and listen => parameters.
sub scene_nginx ($self, %option) {
    my $listen = delete $option{listen} // '';
    return $self->nginx_conf(<<"END", %option);
    server {
        listen 127.0.0.1:%%PORT%% $listen;
        keepalive_requests 1000000;
        location / { gate_board on; root temp; }
    }
END
}

# The generation a response's rows carry.
sub generation_of ($response) { return $response->{body} =~ /"generation":\s*(\d+)/ ? $1 : 0 }

# Waits until $path serves this generation or a later one.
sub wait_for_generation ($self, $generation, $path = '/api/rows', $timeout = 10) {
    return $self->wait_for_answer($path,
        sub ($response) { $response->{status} == 200 && generation_of($response) >= $generation }, $timeout);
}

# Waits until the board file holds both cards.
sub wait_for_board_file ($self) {
    wait_for(sub {
        my $file = Gatehouse::read_file($self->board_path) // '';
        !grep { index($file, $_) < 0 } '/api/rows', '/api/count';
    }, 20, 'board file of both cards');
    return;
}

# The ttl of Cache-Status: negative for what is stale; undef for what is no hit.
sub ttl_of ($response) {
    return ($response->{header}{'cache-status'} // '') =~ /^gatehouse; hit; ttl=(-?\d+)$/ ? $1 : undef;
}

# Writes generation after generation in a process of its own, with a pause between two. Returns the
# process; stop it with ->stop.
sub keep_writing ($self, $rows, $pause = 0.02) {
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        local @SIG{qw(TERM INT)} = (sub { POSIX::_exit(0) }) x 2;
        for (my $generation = 1;; ++$generation) {
            eval { $self->write_rows($generation, $rows); 1 } or POSIX::_exit(1);
            select undef, undef, undef, $pause;
        }
    }
    my $process = bless {pid => $pid, name => 'writer'}, 'Gatehouse::Process';
    push @{$self->{processes}}, $process;
    return $process;
}

1;
