//! Permissions as types, so that a handler's signature says what it needs: `Require<Read<Customers>>`.

use guanxi_domain::permission::{Module, Operation};

/// A module × operation.
pub trait Permission: Send + 'static {
    const MODULE: Module;
    const OPERATION: Operation;
}

/// An area of the product.
pub trait Area: Send + 'static {
    const MODULE: Module;
}

macro_rules! areas {
    ($($name:ident)+) => {$(
        pub struct $name;

        impl Area for $name {
            const MODULE: Module = Module::$name;
        }
    )+};
}

areas! { Customers Contacts Products Stock Orders Tickets Segments Reports Users Roles Settings Audit Imports Exports Webhooks }

macro_rules! operations {
    ($($name:ident)+) => {$(
        pub struct $name<A>(std::marker::PhantomData<A>);

        impl<A: Area> Permission for $name<A> {
            const MODULE: Module = A::MODULE;
            const OPERATION: Operation = Operation::$name;
        }
    )+};
}

operations! { Read Create Update Delete Assign Approve Export }
