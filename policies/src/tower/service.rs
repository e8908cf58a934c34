//! A whole stack as a layer, and the service that it makes.

use super::calling::Calling;
use super::classify::Classify;
use super::engine::Engine;
use super::error::{StackError, Unsound};
use super::{InFlight, Setup, check};
use crate::stack::Stack;
use alloc::sync::Arc;
use core::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// A whole stack as one layer.
///
/// All services that it wraps, its clones and theirs share one state: one breaker, one budget, one
/// rate. A scope reaches as far as the process does: what is configured for a caller or for the
/// fleet is shared here like what is configured for a replica.
#[derive(Debug, Clone)]
pub struct StackLayer<C> {
    engine: Arc<Engine>,
    classify: C,
}

impl<C> StackLayer<C> {
    /// A layer for a stack, with chances of its own.
    ///
    /// # Errors
    /// Everything that is wrong with the stack.
    pub fn new(stack: &Stack, classify: C) -> Result<StackLayer<C>, Unsound> {
        StackLayer::with(stack, classify, Setup::default())
    }

    /// A layer with chances that can be repeated, or somebody who watches. It counts time from now.
    ///
    /// # Errors
    /// Everything that is wrong with the stack.
    pub fn with(stack: &Stack, classify: C, setup: Setup) -> Result<StackLayer<C>, Unsound> {
        check::sound(stack)?;
        Ok(StackLayer { engine: Arc::new(Engine::new(stack, setup)), classify })
    }

    /// What is under way now in all services that share this stack's state.
    pub fn in_flight(&self) -> InFlight {
        self.engine.in_flight()
    }
}

impl<S, C: Clone> Layer<S> for StackLayer<C> {
    type Service = StackService<S, C>;

    fn layer(&self, service: S) -> StackService<S, C> {
        let (engine, classify) = (Arc::clone(&self.engine), self.classify.clone());
        StackService { engine, classify, service }
    }
}

/// A service behind a stack of policies.
///
/// It is ready when the inner service is: decisions are taken when a call begins, so a clone that
/// is ready and never called holds nothing. Further attempts go to clones of the inner service and
/// wait until they are ready, which counts as part of the attempt.
#[derive(Debug, Clone)]
pub struct StackService<S, C> {
    engine: Arc<Engine>,
    classify: C,
    service: S,
}

impl<S, C> StackService<S, C> {
    /// What is under way now in all services that share this stack's state.
    pub fn in_flight(&self) -> InFlight {
        self.engine.in_flight()
    }
}

impl<S, C, Req> Service<Req> for StackService<S, C>
where
    S: Service<Req> + Clone,
    C: Classify<Req, S::Response, S::Error> + Clone,
{
    type Response = S::Response;
    type Error = StackError<S::Error>;
    type Future = Calling<S, C, Req>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(cx).map_err(StackError::Inner)
    }

    fn call(&mut self, request: Req) -> Calling<S, C, Req> {
        let next = self.service.clone();
        let ready = core::mem::replace(&mut self.service, next);
        Calling::new(Arc::clone(&self.engine), self.classify.clone(), ready, request)
    }
}
