//! Places from which calls are made, with their stacks and links: loads' first, then services'.

use crate::spec::document::System;
use crate::spec::fault::HarmSpec;
use crate::spec::load::LoadSpec;
use crate::spec::named::Named;
use crate::spec::policy::With;
use crate::spec::problem::{Cx, Place, Problem, did_you_mean, listed, short};
use crate::spec::script::{CallSpec, EndpointSpec};
use crate::spec::service::ServiceSpec;
use brownout_policies::stack::{Layer, Stack, Timeout};
use brownout_topologies::fleet::Balance;
use brownout_topologies::graph::{
    Caller, Endpoint, KeyUse, Link, LinkId, LoadId, Route, ServiceId, Site, SiteId, StackId,
};
use std::collections::{BTreeMap, BTreeSet};

/// What sites are made of, as it grows.
pub(crate) struct Sites<'s> {
    system: &'s System,
    services: BTreeMap<&'s str, ServiceId>,
    pub(crate) sites: Vec<Site>,
    /// Where each site is written.
    pub(crate) places: Vec<Place>,
    pub(crate) stacks: Vec<Stack>,
    /// Stacks by policy name, patience and whether they inherit a deadline; sites that agree in all
    /// share one.
    shared: BTreeMap<(String, Option<Timeout>, bool), StackId>,
    pub(crate) links: Vec<Link>,
    /// The `links:` in use, by their place in the file.
    linked: BTreeSet<usize>,
    network: Option<LinkId>,
    /// `links:` by their two ends.
    ends: BTreeMap<(&'s str, &'s str), usize>,
    /// The ids of links that are apart from the network, whose two ends nobody else has.
    apart: BTreeMap<(String, String), LinkId>,
    /// The names of the loads that are in zones.
    somewhere: BTreeSet<String>,
    /// What faults do to links.
    struck: Vec<&'s HarmSpec>,
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
            linked: BTreeSet::new(),
            network: None,
            ends: ends.map(|(at, link)| ((&*link.from.text, &*link.to.text), at)).collect(),
            apart: BTreeMap::new(),
            somewhere: BTreeSet::new(),
            struck: system.faults.iter().map(|fault| &fault.harm).filter(is_of_links).collect(),
        }
    }

    /// Where a load's requests enter: the first of as many places as it has targets.
    pub(crate) fn of_load(
        &mut self,
        id: LoadId,
        spec: &LoadSpec,
        name: &str,
        cx: &mut Cx,
    ) -> Option<SiteId> {
        if !spec.zones.is_empty() {
            self.somewhere.insert(name.to_owned());
        }
        let targets: Vec<Option<(ServiceId, u16)>> =
            spec.to.iter().map(|(_, to)| self.target(to, cx)).collect();
        if targets.is_empty() || targets.contains(&None) {
            return None;
        }
        let stack = self.stack(&spec.with, spec.patience, false, cx);
        let first = SiteId(self.sites.len() as u32);
        for (ordinal, target) in (0..).zip(targets.into_iter().flatten()) {
            let from = From { caller: Caller::Load(id), ordinal, name, said: name, at: spec.place };
            self.add(from, target, (stack, spec.balance, spec.key));
        }
        Some(first)
    }

    /// A call of a service.
    pub(crate) fn of_call(
        &mut self,
        (id, service, endpoint): (ServiceId, &ServiceSpec, &EndpointSpec),
        call: &CallSpec,
        cx: &mut Cx,
    ) -> Option<SiteId> {
        let deadlines = service.deadlines.unwrap_or(self.system.deadlines);
        let stack = self.stack(&call.with, None, deadlines.are_passed_on(), cx);
        let target = self.target(&call.to, cx)?;
        let caller = Caller::Service(id);
        let ordinal = self.sites.iter().rev().take_while(|site| site.caller == caller).count();
        let (ordinal, name) = (ordinal as u32, &*service.name.text);
        let said = said(service, &endpoint.name);
        let from = From { caller, ordinal, name, said: &said, at: call.to.place };
        Some(self.add(from, target, (stack, call.balance, call.key)))
    }

    /// The routes onward from a service.
    pub(crate) fn routes(&mut self, spec: &ServiceSpec, cx: &mut Cx) -> Vec<Route> {
        let mut routes = Vec::with_capacity(spec.next.len());
        for next in &spec.next {
            if let Some((to, endpoint)) = self.target(&next.to, cx) {
                let link = self.link(&spec.name.text, &self.system.services[to.index()].name.text);
                routes.push(Route { probability: next.probability, to, endpoint, link });
            }
        }
        routes
    }

    fn add(
        &mut self,
        from: From<'_>,
        (target, endpoint): (ServiceId, u16),
        (stack, balance, key): (StackId, Option<Balance>, KeyUse),
    ) -> SiteId {
        let From { caller, ordinal, name, said: caller_name, at } = from;
        let callee = &self.system.services[target.index()];
        let balance = balance.unwrap_or(callee.fleet.balance);
        let link = self.link(name, &callee.name.text);
        let called = said(callee, &callee.endpoints[usize::from(endpoint)].name);
        let name = format!("{caller_name} → {called}");
        let site = Site { name, caller, ordinal, target, endpoint, stack, link, balance, key };
        self.sites.push(site);
        self.places.push(at);
        SiteId(self.sites.len() as u32 - 1)
    }

    /// The service of this name.
    pub(crate) fn service(&self, named: &Named, cx: &mut Cx) -> Option<ServiceId> {
        let found = self.services.get(&*named.text).copied();
        if found.is_none() {
            named.unknown("service", self.services.keys().copied(), cx);
        }
        found
    }

    /// The service and the endpoint that `named` means: `service`, or `service.endpoint`.
    fn target(&self, named: &Named, cx: &mut Cx) -> Option<(ServiceId, u16)> {
        let (name, endpoint) = match named.text.split_once('.') {
            Some((name, endpoint)) => (name, Some(endpoint)),
            None => (&*named.text, None),
        };
        let Some(&id) = self.services.get(name) else {
            named.unknown("service", self.services.keys().copied(), cx);
            return None;
        };
        let endpoints = &self.system.services[id.index()].endpoints;
        let found = match (endpoint, endpoints.as_slice()) {
            (None, [_]) => Some(0),
            (None, all) => all.iter().position(|own| own.name == Endpoint::DEFAULT),
            (Some(endpoint), all) => all.iter().position(|own| own.name == endpoint),
        };
        if found.is_none() {
            complain_of_endpoint(named, name, endpoint, endpoints, cx);
        }
        found.map(|place| (id, place as u16))
    }

    fn stack(
        &mut self,
        with: &With,
        patience: Option<Timeout>,
        inherits: bool,
        cx: &mut Cx,
    ) -> StackId {
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
        let key = key.map(|name| (name, patience, inherits));
        if let Some(shared) = key.as_ref().and_then(|key| self.shared.get(key)) {
            return *shared;
        }
        let patience = patience.map(|limit| Layer::Timeout(Timeout { patience: true, ..limit }));
        let inherited = inherits.then_some(Layer::Inherited);
        let layers = inherited.into_iter().chain(patience).chain(inner.layers).collect();
        self.stacks.push(Stack { layers });
        let id = StackId(self.stacks.len() as u32 - 1);
        if let Some(key) = key {
            self.shared.insert(key, id);
        }
        id
    }

    fn link(&mut self, from: &str, to: &str) -> LinkId {
        let at = self.ends.get(&(from, to)).copied();
        // What a fault strikes is a link of its own, however alike it is to others.
        let is_apart = at.is_some() || self.is_struck(from, to);
        let key = is_apart.then(|| (from.to_owned(), to.to_owned()));
        let known = match &key {
            Some(key) => self.apart.get(key).copied(),
            None => self.network,
        };
        if let Some(known) = known {
            return known;
        }
        let id = LinkId(self.links.len() as u32);
        let system = self.system;
        self.links.push(at.map_or(&system.network, |at| &system.links[at].link).clone());
        match key {
            Some(key) => drop(self.apart.insert(key, id)),
            None => self.network = Some(id),
        }
        self.linked.extend(at);
        id
    }

    /// Whether a fault is about the link between two ends.
    fn is_struck(&self, from: &str, to: &str) -> bool {
        self.struck.iter().any(|harm| match harm {
            HarmSpec::Link { from: own, to: other, .. } => (&*own.text, &*other.text) == (from, to),
            HarmSpec::Partition { between, and, .. } => {
                let has = |names: &[Named], name: &str| names.iter().any(|one| one.text == name);
                has(between, from) && has(and, to) || has(and, from) && has(between, to)
            }
            HarmSpec::Around { .. } => self.is_somewhere(from) || self.is_somewhere(to),
            HarmSpec::Replicas { .. } | HarmSpec::Load { .. } => false,
        })
    }

    /// Whether a service or a load is in zones.
    pub(crate) fn is_somewhere(&self, name: &str) -> bool {
        let mut services = self.system.services.iter().filter(|own| own.name.text == name);
        self.somewhere.contains(name) || services.any(|own| !own.zones.is_empty())
    }

    /// The links that no other two ends share: what faults strike, and what `links` says.
    pub(crate) fn between(
        &self,
        wanted: impl Fn((&str, &str)) -> bool,
    ) -> impl Iterator<Item = ((&str, &str), LinkId)> {
        let apart = self.apart.iter().map(|((from, to), id)| ((from.as_str(), to.as_str()), *id));
        apart.filter(move |(ends, _)| wanted(*ends))
    }

    /// Who calls whom, as links are written.
    pub(crate) fn pairs(&self) -> Vec<String> {
        self.sites.iter().map(|site| self.ends_of(site)).collect()
    }

    /// Complains of links between ends that do not call each other.
    pub(crate) fn complain_of_unused_links(&self, cx: &mut Cx) {
        for (at, spec) in self.system.links.iter().enumerate() {
            if self.linked.contains(&at) || cx.has_errors() && self.is_doubtful(at) {
                continue;
            }
            let (from, to) = (&spec.from.text, &spec.to.text);
            let pairs = self.pairs();
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

    /// A site's two ends as keys of `links:` name them.
    fn ends_of(&self, site: &Site) -> String {
        let name = |id: ServiceId| &self.system.services[id.index()].name.text;
        let from = match site.caller {
            Caller::Load(_) => site.name.split(" → ").next().unwrap_or_default(),
            Caller::Service(id) => name(id),
        };
        format!("{from} -> {}", name(site.target))
    }

    /// Whether a link is between known services, so that a broken call may be what it is for.
    fn is_doubtful(&self, at: usize) -> bool {
        let spec = &self.system.links[at];
        let is_known = |name: &str| self.services.contains_key(name);
        is_known(&spec.from.text) && is_known(&spec.to.text)
    }
}

/// Who calls: what is known of a site besides its target.
struct From<'n> {
    caller: Caller,
    ordinal: u32,
    /// The name of the load or the service.
    name: &'n str,
    /// The same with the endpoint, where there are several.
    said: &'n str,
    /// Where the call is written.
    at: Place,
}

/// `service`, or `service.endpoint` where there are several.
fn said(service: &ServiceSpec, endpoint: &str) -> String {
    match service.endpoints.len() {
        1 => service.name.text.clone(),
        _ => format!("{}.{endpoint}", service.name.text),
    }
}

/// Complains that there is no such endpoint, or that there are several to choose from.
fn complain_of_endpoint(
    named: &Named,
    service: &str,
    endpoint: Option<&str>,
    endpoints: &[EndpointSpec],
    cx: &mut Cx,
) {
    cx.complain(|_| {
        let names: Vec<String> =
            endpoints.iter().map(|own| format!("{service}.{}", own.name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match endpoint {
            None => Problem::error(named.place, format!("`{service}` has several endpoints"))
                .label("say which, or call one of them \"default\"")
                .help(format!("there is {}", listed(&names))),
            Some(endpoint) => {
                let shown = short(endpoint);
                let only = format!("it has only one: write \"{service}\"");
                Problem::error(named.place, format!("`{service}` has no endpoint `{shown}`"))
                    .maybe_help(match names[..] {
                        [_] => Some(only),
                        _ => did_you_mean(&named.text, names.iter().copied()),
                    })
            }
        }
    });
}

fn is_of_links(harm: &&HarmSpec) -> bool {
    matches!(harm, HarmSpec::Link { .. } | HarmSpec::Partition { .. } | HarmSpec::Around { .. })
}
