//! Places from which calls are made, with their stacks and links: loads' first, then services'.

use crate::spec::document::System;
use crate::spec::load::LoadSpec;
use crate::spec::named::Named;
use crate::spec::policy::With;
use crate::spec::problem::{Cx, Place, Problem};
use crate::spec::service::{CallSpec, ServiceSpec};
use brownout_core::Span;
use brownout_policies::stack::{Layer, Stack, Timeout};
use brownout_topologies::graph::{
    Caller, Link, LinkId, LoadId, Route, ServiceId, Site, SiteId, StackId,
};
use std::collections::BTreeMap;

/// What sites are made of, as it grows.
pub(crate) struct Sites<'s> {
    system: &'s System,
    services: BTreeMap<&'s str, ServiceId>,
    pub(crate) sites: Vec<Site>,
    /// Where each site is written.
    pub(crate) places: Vec<Place>,
    pub(crate) stacks: Vec<Stack>,
    /// Stacks by policy name and patience; sites that agree in both share one.
    shared: BTreeMap<(String, Option<Span>), StackId>,
    pub(crate) links: Vec<Link>,
    /// The ids of `links:` in use, by their place in the file.
    linked: BTreeMap<usize, LinkId>,
    network: Option<LinkId>,
    /// `links:` by their two ends.
    ends: BTreeMap<(&'s str, &'s str), usize>,
}

impl<'s> Sites<'s> {
    pub(crate) fn new(system: &'s System) -> Sites<'s> {
        let names = system.services.iter().map(|service| service.name.text.as_str());
        let ends = system.links.iter().enumerate();
        Sites {
            system,
            services: names.zip((0..).map(ServiceId)).collect(),
            sites: Vec::new(),
            places: Vec::new(),
            stacks: Vec::new(),
            shared: BTreeMap::new(),
            links: Vec::new(),
            linked: BTreeMap::new(),
            network: None,
            ends: ends.map(|(at, link)| ((&*link.from.text, &*link.to.text), at)).collect(),
        }
    }

    /// Where a load's requests enter.
    pub(crate) fn of_load(
        &mut self,
        id: LoadId,
        spec: &LoadSpec,
        name: &str,
        cx: &mut Cx,
    ) -> Option<SiteId> {
        let target = self.target(spec.to.as_ref()?, cx)?;
        let stack = self.stack(&spec.with, spec.patience, cx);
        Some(self.add(Caller::Load(id), 0, name, target, stack, spec.place))
    }

    /// A call of a service.
    pub(crate) fn of_call(
        &mut self,
        id: ServiceId,
        spec: &ServiceSpec,
        call: &CallSpec,
        cx: &mut Cx,
    ) -> Option<SiteId> {
        let stack = self.stack(&call.with, None, cx);
        let target = self.target(&call.to, cx)?;
        let caller = Caller::Service(id);
        let ordinal = self.sites.iter().rev().take_while(|site| site.caller == caller).count();
        Some(self.add(caller, ordinal as u32, &spec.name.text, target, stack, call.to.place))
    }

    /// The routes onward from a service.
    pub(crate) fn routes(&mut self, spec: &ServiceSpec, cx: &mut Cx) -> Vec<Route> {
        let mut routes = Vec::with_capacity(spec.next.len());
        for next in &spec.next {
            if let Some(to) = self.target(&next.to, cx) {
                let link = self.link(&spec.name.text, &next.to.text);
                routes.push(Route { probability: next.probability, to, link });
            }
        }
        routes
    }

    fn add(
        &mut self,
        caller: Caller,
        ordinal: u32,
        caller_name: &str,
        target: ServiceId,
        stack: StackId,
        place: Place,
    ) -> SiteId {
        let system = self.system;
        let target_name = &system.services[target.index()].name.text;
        let link = self.link(caller_name, target_name);
        let name = format!("{caller_name} → {target_name}");
        self.sites.push(Site { name, caller, ordinal, target, stack, link });
        self.places.push(place);
        SiteId(self.sites.len() as u32 - 1)
    }

    fn target(&self, named: &Named, cx: &mut Cx) -> Option<ServiceId> {
        if let Some(found) = self.services.get(named.text.as_str()) {
            return Some(*found);
        }
        if let Some((service, _)) = named.text.split_once('.')
            && self.services.contains_key(service)
        {
            cx.push(
                Problem::error(named.place, "endpoints are not supported yet in this version")
                    .label(format!("expected the name of a service, such as \"{service}\"")),
            );
            return None;
        }
        named.unknown("service", self.services.keys().copied(), cx);
        None
    }

    fn stack(&mut self, with: &With, patience: Option<Span>, cx: &mut Cx) -> StackId {
        let (key, inner) = match with {
            With::Nothing => (Some(String::new()), Stack::default()),
            With::Stack(stack) => (None, stack.clone()),
            With::Name(named) => match self.system.policies.get(&named.text) {
                Some((_, stack)) => (Some(named.text.clone()), stack.clone()),
                None => {
                    let known = self.system.policies.keys().map(String::as_str);
                    named.unknown("policy", known, cx);
                    (Some(String::new()), Stack::default())
                }
            },
        };
        let key = key.map(|name| (name, patience));
        if let Some(shared) = key.as_ref().and_then(|key| self.shared.get(key)) {
            return *shared;
        }
        let patience = patience
            .map(|after| Layer::Timeout(Timeout { patience: true, ..Timeout::after(after) }));
        let layers = patience.into_iter().chain(inner.layers).collect();
        self.stacks.push(Stack { layers });
        let id = StackId(self.stacks.len() as u32 - 1);
        if let Some(key) = key {
            self.shared.insert(key, id);
        }
        id
    }

    fn link(&mut self, from: &str, to: &str) -> LinkId {
        let at = self.ends.get(&(from, to)).copied();
        let known = match at {
            Some(at) => self.linked.get(&at).copied(),
            None => self.network,
        };
        if let Some(known) = known {
            return known;
        }
        let id = LinkId(self.links.len() as u32);
        match at {
            Some(at) => {
                self.links.push(self.system.links[at].link.clone());
                self.linked.insert(at, id);
            }
            None => {
                self.links.push(self.system.network.clone());
                self.network = Some(id);
            }
        }
        id
    }

    /// Complains of links between ends that do not call each other.
    pub(crate) fn complain_of_unused_links(&self, cx: &mut Cx) {
        for (at, spec) in self.system.links.iter().enumerate() {
            if self.linked.contains_key(&at) || cx.has_errors() && self.is_doubtful(at) {
                continue;
            }
            let (from, to) = (&spec.from.text, &spec.to.text);
            let pairs: Vec<String> =
                self.sites.iter().map(|site| site.name.replace('→', "->")).collect();
            cx.complain(|_| {
                let key = format!("{from} -> {to}");
                Problem::error(spec.key.place, format!("no call goes from `{from}` to `{to}`"))
                    .maybe_help(crate::spec::problem::did_you_mean(
                        &key,
                        pairs.iter().map(String::as_str),
                    ))
            });
        }
    }

    /// Whether a link is between known services, so that a broken call may be what it is for.
    fn is_doubtful(&self, at: usize) -> bool {
        let spec = &self.system.links[at];
        let is_known = |name: &str| self.services.contains_key(name);
        is_known(&spec.from.text) && is_known(&spec.to.text)
    }
}
