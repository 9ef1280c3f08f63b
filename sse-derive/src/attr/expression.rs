//! Expressions, which syn reads only in part without its feature `full`.
//!
//! Where the compiler cannot read one, its error is not the only one: nothing is left of the generated code then. So
//! what is wrong with an expression is found here. Patterns, items, the fields of a struct and what a macro takes are left
//! to the compiler.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{
    AngleBracketedGenericArguments, BinOp, Ident, Lifetime, Lit, LitFloat, LitInt, Token, Type, token,
};

/// Reads expressions, and keeps nothing of them.
pub(super) struct Reader<'a> {
    pub(super) input: ParseStream<'a>,
    /// The token read last, for what is missing behind it.
    pub(super) last: Option<(Span, String)>,
    /// Between `if`, `while`, `match` or `for` and the brace that ends it.
    pub(super) in_header: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(input: ParseStream<'a>) -> Self {
        Self { input, last: None, in_header: false }
    }

    /// Operands with operators between them.
    pub(super) fn expression(&mut self) -> syn::Result<()> {
        if self.operand()? { self.rest() } else { Ok(()) }
    }

    /// What an expression goes on with behind its first operand.
    pub(super) fn rest(&mut self) -> syn::Result<()> {
        loop {
            while self.postfix()? {}
            if !self.operator()? || !self.operand()? {
                return Ok(());
            }
        }
    }

    /// What an expression can begin with; `false` where it may end without, behind `..` or `return`.
    pub(super) fn operand(&mut self) -> syn::Result<bool> {
        let input = self.input;
        while self.prefix()? {}
        let is_jump = input.peek(Token![return]) || input.peek(Token![break]) || input.peek(Token![continue]);
        if is_jump || input.peek(Token![..]) {
            self.range_or_jump()?;
            return if self.is_at_end() { Ok(false) } else { self.operand() };
        }
        if input.peek(token::Group) || input.peek(Lit) || input.peek(Token![_]) {
            self.skip()?;
        } else if input.peek(token::Brace) {
            self.block()?;
        } else if input.peek(token::Paren) || input.peek(token::Bracket) {
            self.list()?;
        } else if input.peek(Token![<]) || input.peek(Token![::]) || self.is_name() {
            self.path()?;
        } else {
            self.keyword()?;
        }
        Ok(true)
    }

    /// What may stand in front of an operand, any number of times.
    fn prefix(&mut self) -> syn::Result<bool> {
        let input = self.input;
        let is_minus = input.peek(Token![-]) && !input.peek(Token![->]);
        if input.peek(Token![&]) {
            self.skip()?;
            if input.peek(Token![raw]) && (input.peek2(Token![const]) || input.peek2(Token![mut])) {
                self.skip()?;
                self.skip()?;
            } else if input.peek(Token![mut]) {
                self.skip()?;
            }
        } else if input.peek(Token![#]) && input.peek2(token::Bracket) {
            self.skip()?;
            self.skip()?;
        } else if input.peek(Token![*]) || input.peek(Token![!]) || is_minus {
            self.skip()?;
        } else if input.peek(Token![|]) || input.peek(Token![move]) {
            if self.head()?.is_none() {
                return Err(self.expected("`|`"));
            }
        } else if input.peek(Lifetime) {
            self.take::<Lifetime>()?;
            self.take::<Token![:]>()?;
        } else if input.peek(Token![let]) && self.in_header {
            while !input.is_empty() && !input.peek(Token![=]) {
                self.skip()?;
            }
            self.take::<Token![=]>()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn range_or_jump(&mut self) -> syn::Result<()> {
        if self.input.peek(Token![..=]) {
            self.take::<Token![..=]>()?;
        } else if self.input.peek(Token![..]) {
            self.take::<Token![..]>()?;
        } else {
            self.skip()?;
        }
        if self.input.peek(Lifetime) { self.take::<Lifetime>() } else { Ok(()) }
    }

    /// A path, and the macro call or the struct that begins with it.
    fn path(&mut self) -> syn::Result<()> {
        let input = self.input;
        if input.peek(Token![<]) {
            self.angles()?;
        } else if self.is_name() {
            self.skip()?;
        }
        while input.peek(Token![::]) {
            self.take::<Token![::]>()?;
            if input.peek(Token![<]) {
                self.arguments()?;
            } else if self.is_name() {
                self.skip()?;
            } else {
                return Err(self.expected("a name"));
            }
        }
        let is_group = |input: ParseStream<'_>| {
            input.peek(token::Paren) || input.peek(token::Bracket) || input.peek(token::Brace)
        };
        if input.peek(Token![!]) && !input.peek(Token![!=]) {
            self.skip()?;
            return if is_group(input) { self.skip() } else { Err(self.expected("what the macro takes")) };
        }
        if input.peek(token::Brace) && !self.in_header { self.skip() } else { Ok(()) }
    }

    /// `<Type as Trait>`, of which is only seen where it ends.
    fn angles(&mut self) -> syn::Result<()> {
        let mut depth = 0_usize;
        loop {
            if self.input.is_empty() {
                return Err(self.expected("`>`"));
            }
            if self.input.peek(Token![->]) {
                self.take::<Token![->]>()?;
                continue;
            }
            depth += usize::from(self.input.peek(Token![<]));
            depth -= usize::from(self.input.peek(Token![>]));
            self.skip()?;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// The arguments in `::<...>`.
    fn arguments(&mut self) -> syn::Result<()> {
        self.ahead(|input| input.parse::<AngleBracketedGenericArguments>().map(drop), "generic arguments")
    }

    /// What may follow an operand, any number of times.
    fn postfix(&mut self) -> syn::Result<bool> {
        let input = self.input;
        if input.peek(token::Group) {
            return Ok(false);
        }
        if input.peek(Token![?]) {
            self.skip()?;
        } else if input.peek(token::Paren) || input.peek(token::Bracket) {
            self.list()?;
        } else if input.peek(Token![.]) && !input.peek(Token![..]) {
            self.skip()?;
            let is_number = input.peek(LitInt) || input.peek(LitFloat);
            if !self.is_name() && !is_number && !input.peek(Token![await]) {
                return Err(self.expected("a field or a method"));
            }
            self.skip()?;
            if input.peek(Token![::]) {
                self.take::<Token![::]>()?;
                self.arguments()?;
                if !input.peek(token::Paren) {
                    return Err(self.expected("the arguments of the method"));
                }
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// What needs another operand behind it; `false` where the expression ends.
    fn operator(&mut self) -> syn::Result<bool> {
        let input = self.input;
        while input.peek(Token![as]) {
            self.skip()?;
            self.ty()?;
        }
        if self.is_at_end() || input.peek(Token![->]) || input.peek(Token![=>]) {
            return Ok(false);
        }
        if input.peek(Token![..]) {
            self.range_or_jump()?;
            return Ok(!self.is_at_end());
        }
        if input.fork().parse::<BinOp>().is_ok() {
            self.take::<BinOp>()?;
        } else if input.peek(Token![=]) {
            self.skip()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Expressions in parentheses or brackets.
    fn list(&mut self) -> syn::Result<()> {
        let is_array = self.input.peek(token::Bracket);
        self.inside(|reader| {
            let input = reader.input;
            while !input.is_empty() {
                reader.expression()?;
                if input.peek(Token![,]) || is_array && input.peek(Token![;]) {
                    reader.skip()?;
                } else if !input.is_empty() {
                    return Err(reader.expected("`,` or an operator"));
                }
            }
            Ok(())
        })
    }

    /// Reads what is in the group that comes next.
    pub(super) fn inside(&mut self, read: impl Fn(&mut Reader<'_>) -> syn::Result<()>) -> syn::Result<()> {
        let group: Group = self.input.parse()?;
        let inside = |input: ParseStream<'_>| read(&mut Reader::new(input));
        inside.parse2(group.stream())?;
        self.last = Some((group.span_close(), end(&group.into())));
        Ok(())
    }

    pub(super) fn ty(&mut self) -> syn::Result<()> {
        self.ahead(|input| Type::without_plus(input).map(drop), "a type")
    }

    /// Reads what syn knows, with the same words for all that is wrong with it.
    fn ahead(&mut self, read: fn(ParseStream<'_>) -> syn::Result<()>, what: &str) -> syn::Result<()> {
        let ahead = self.input.fork();
        if read(&ahead).is_err() {
            return Err(self.expected(what));
        }
        while self.input.cursor() != ahead.cursor() {
            self.skip()?;
        }
        Ok(())
    }

    /// A name that is no keyword, or one that begins a path.
    pub(super) fn is_name(&self) -> bool {
        let input = self.input;
        let begins_path = input.peek(Token![Self]) || input.peek(Token![super]) || input.peek(Token![crate]);
        input.peek(Ident) || input.peek(Token![self]) || begins_path
    }

    pub(super) fn is_at_end(&self) -> bool {
        let input = self.input;
        let is_header_over = self.in_header && input.peek(token::Brace);
        input.is_empty() || input.peek(Token![,]) || input.peek(Token![;]) || is_header_over
    }

    pub(super) fn take<T: Parse + ToTokens>(&mut self) -> syn::Result<()> {
        let taken: T = self.input.parse()?;
        let mut tokens = TokenStream::new();
        taken.to_tokens(&mut tokens);
        let text = tokens.to_string();
        self.last = tokens.into_iter().last().map(|token| (token.span(), text));
        Ok(())
    }

    pub(super) fn skip(&mut self) -> syn::Result<()> {
        let token: TokenTree = self.input.parse()?;
        let span = if let TokenTree::Group(group) = &token { group.span_close() } else { token.span() };
        self.last = Some((span, end(&token)));
        Ok(())
    }

    /// The error where something else stands than `what`.
    pub(super) fn expected(&self, what: &str) -> syn::Error {
        let next: Option<TokenTree> = self.input.fork().parse().ok().filter(|_| !self.input.peek(Token![,]));
        match (&next, &self.last) {
            (Some(next), _) => {
                let found = if self.input.peek(Token![=>]) { "=>".to_owned() } else { beginning(next) };
                syn::Error::new(next.span(), format!("expected {what}, found `{found}`"))
            }
            (None, Some((span, last))) => syn::Error::new(*span, format!("expected {what} behind `{last}`")),
            (None, None) => self.input.error(format!("expected {what}")),
        }
    }
}

fn beginning(token: &TokenTree) -> String {
    delimiters(token).map_or_else(|| token.to_string(), |(open, _)| open.to_owned())
}

fn end(token: &TokenTree) -> String {
    delimiters(token).map_or_else(|| token.to_string(), |(_, close)| close.to_owned())
}

fn delimiters(token: &TokenTree) -> Option<(&'static str, &'static str)> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Parenthesis => Some(("(", ")")),
        Delimiter::Brace => Some(("{", "}")),
        Delimiter::Bracket => Some(("[", "]")),
        Delimiter::None => None,
    }
}
