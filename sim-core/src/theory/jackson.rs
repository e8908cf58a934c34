//! Open Jackson networks: each station as if it were M/M/c alone (Jackson 1957, 1963).

use super::mmc;

/// One station of exponential servers.
#[derive(Debug, Clone, Copy)]
pub struct Station {
    /// Service rate of one server.
    pub mu: f64,
    /// Servers in parallel, at least 1.
    pub servers: u32,
}

/// The steady state of an open network.
#[derive(Debug, Clone)]
pub struct Network {
    /// Arrivals per unit of time at each station, external and routed.
    pub throughput: Vec<f64>,
    /// E\[N\] at each station.
    pub in_system_mean: Vec<f64>,
    /// E\[N\] over all stations.
    pub in_network_mean: f64,
    /// Mean time from entering the network to leaving it, every visit included (Little).
    pub sojourn_mean: f64,
}

/// Solves the network by its traffic equations and Erlang C at every station.
///
/// `external[i]` is the Poisson rate into station i from outside; `routing[i][j]` the probability
/// of going from i to j, the rest of row i leaving. A network that nothing leaves is a panic.
pub fn solve(external: &[f64], routing: &[Vec<f64>], stations: &[Station]) -> Network {
    let throughput = traffic(external, routing);
    let number =
        |(&rate, station): (&f64, &Station)| mmc::in_system_mean(rate, station.mu, station.servers);
    let in_system_mean: Vec<f64> = throughput.iter().zip(stations).map(number).collect();
    let in_network_mean: f64 = in_system_mean.iter().sum();
    let sojourn_mean = in_network_mean / external.iter().sum::<f64>();
    Network { throughput, in_system_mean, in_network_mean, sojourn_mean }
}

/// Rates λⱼ = externalⱼ + Σᵢ λᵢ routingᵢⱼ through each station.
pub fn traffic(external: &[f64], routing: &[Vec<f64>]) -> Vec<f64> {
    let size = external.len();
    let row = |j: usize| {
        let entry = |i: usize| if i == j { 1.0 - routing[i][j] } else { -routing[i][j] };
        (0..size).map(entry).collect()
    };
    eliminate((0..size).map(row).collect(), external.to_vec())
}

/// Solves `matrix` x = `right` by Gaussian elimination with partial pivoting.
fn eliminate(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))
            .expect("a column has a row at or below its diagonal");
        assert!(matrix[pivot][column].abs() > 1e-12, "every station has a way out of the network");
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..size {
            let factor = matrix[row][column] / matrix[column][column];
            let (above, below) = matrix.split_at_mut(row);
            for (entry, pivot_entry) in below[0].iter_mut().zip(&above[column]).skip(column) {
                *entry -= factor * pivot_entry;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}
