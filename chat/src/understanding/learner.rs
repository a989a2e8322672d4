//! A classifier that is trained when the counter opens: logistic regression over many classes.
//!
//! It sees the example sentences of every class, passes over them a fixed number of times in a fixed order, and
//! moves its weights a little whenever it was unsure or wrong. No randomness, no file of weights: the same examples
//! give the same answers on every machine. An example may count for more or less than one, so that the many article
//! questions do not drown the few examples of, say, danger.
//!
//! What was learned is kept in one byte per weight: a quarter of the memory, and no figure moves by a thousandth.

use super::features::{Vector, to_f32};

/// One weight per feature and class.
#[derive(Debug, Default)]
pub(crate) struct Learner {
    classes: usize,
    /// Row by feature, so that one feature's weights lie together: shares of the row's greatest, in 127ths.
    weights: Vec<i8>,
    /// What one step of a feature's row is worth.
    steps: Vec<f32>,
    bias: Vec<f32>,
}

/// The weights while they are learned.
struct Lesson {
    classes: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// How the training goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    /// How often every example is seen.
    pub(crate) rounds: usize,
    /// How far a weight moves at first.
    pub(crate) pace: f32,
    /// How much of the mass stays with the other classes, so that it never becomes too sure.
    pub(crate) doubt: f32,
}

impl Learner {
    /// Trains on examples: a vector, its class, and how much it counts.
    pub(crate) fn train(
        examples: &[(Vector, usize, f32)],
        features: usize,
        classes: usize,
        schedule: Schedule,
    ) -> Self {
        let mut lesson = Lesson { classes, weights: vec![0.0; features * classes], bias: vec![0.0; classes] };
        if classes == 0 || examples.is_empty() {
            return lesson.learned();
        }
        // A step that is coprime to the number of examples visits all of them, far from one class at a time.
        let count = examples.len();
        let step = (count * 5 / 13 + 1..=count * 2).find(|step| gcd(*step, count) == 1).unwrap_or(1);
        let mut at = 0;
        let mut odds = vec![0.0; classes];
        for round in 0..schedule.rounds {
            let pace = schedule.pace / (1.0 + 0.35 * to_f32(round));
            for _ in 0..count {
                at = (at + step) % count;
                let Some((vector, class, weight)) = examples.get(at) else { continue };
                lesson.logits(vector, &mut odds);
                softmax(&mut odds);
                let wanted = 1.0 - schedule.doubt;
                let rest = schedule.doubt / to_f32(classes);
                for (n, odd) in odds.iter_mut().enumerate() {
                    let target = if n == *class { wanted + rest } else { rest };
                    *odd = (target - *odd) * pace * weight;
                }
                for (feature, value) in vector {
                    let start = *feature as usize * classes;
                    if let Some(row) = lesson.weights.get_mut(start..start + classes) {
                        for (cell, push) in row.iter_mut().zip(&odds) {
                            *cell += *push * *value;
                        }
                    }
                }
                for (cell, push) in lesson.bias.iter_mut().zip(&odds) {
                    *cell += *push * 0.05;
                }
            }
        }
        lesson.learned()
    }

    /// How likely each class is; the sum is one.
    pub(crate) fn odds(&self, vector: &Vector) -> Vec<f32> {
        let mut odds = self.bias.clone();
        for (feature, value) in vector {
            let feature = *feature as usize;
            let start = feature * self.classes;
            let row = self.weights.get(start..start + self.classes).zip(self.steps.get(feature));
            if let Some((row, step)) = row {
                let value = value * step;
                for (sum, weight) in odds.iter_mut().zip(row) {
                    *sum += f32::from(*weight) * value;
                }
            }
        }
        softmax(&mut odds);
        odds
    }
}

impl Lesson {
    fn logits(&self, vector: &Vector, into: &mut [f32]) {
        into.copy_from_slice(&self.bias);
        for (feature, value) in vector {
            let start = *feature as usize * self.classes;
            if let Some(row) = self.weights.get(start..start + self.classes) {
                for (sum, weight) in into.iter_mut().zip(row) {
                    *sum += *weight * *value;
                }
            }
        }
    }

    fn learned(self) -> Learner {
        let Self { classes, weights, bias } = self;
        let mut steps = Vec::new();
        let mut packed = Vec::with_capacity(weights.len());
        for row in weights.chunks(classes.max(1)) {
            let step = row.iter().fold(0.0_f32, |most, weight| most.max(weight.abs())) / 127.0;
            steps.push(step);
            packed.extend(row.iter().map(|weight| if step > 0.0 { whole(weight / step) } else { 0 }));
        }
        Learner { classes, weights: packed, steps, bias }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "between -127 and 127")]
fn whole(share: f32) -> i8 {
    share.round() as i8
}

fn softmax(values: &mut [f32]) {
    let highest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = (*value - highest).exp();
        sum += *value;
    }
    if sum > 0.0 {
        for value in values {
            *value /= sum;
        }
    }
}

const fn gcd(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::{Learner, Schedule};

    #[test]
    fn it_learns_what_the_examples_say_and_doubts_the_rest() {
        let examples = vec![
            (vec![(0, 1.0)], 0, 1.0),
            (vec![(1, 1.0)], 1, 1.0),
            (vec![(2, 1.0)], 2, 1.0),
            (vec![(0, 0.7), (3, 0.7)], 0, 1.0),
        ];
        let schedule = Schedule { rounds: 40, pace: 1.0, doubt: 0.0 };
        let learner = Learner::train(&examples, 4, 3, schedule);
        let odds = learner.odds(&vec![(3, 1.0)]);
        assert!(odds[0] > odds[1] && odds[0] > odds[2]);
        let unknown = learner.odds(&vec![(9, 1.0)]);
        assert!(unknown.iter().all(|odd| (0.2..0.5).contains(odd)), "{unknown:?}");
    }
}
