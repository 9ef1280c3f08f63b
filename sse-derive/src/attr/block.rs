//! The parts of an expression that have words or braces of their own: closures, `if`, `match`, blocks.

use syn::{Ident, Lifetime, Lit, Token, token};

use super::expression::Reader;

impl Reader<'_> {
    /// The parameters of a closure and the type of its result. Returns how many parameters there are, or `None` where
    /// a bar is missing.
    pub(super) fn head(&mut self) -> syn::Result<Option<usize>> {
        let input = self.input;
        if input.peek(Token![move]) {
            self.skip()?;
        }
        let mut parameters = 0;
        if input.peek(Token![||]) {
            self.take::<Token![||]>()?;
        } else {
            if !input.peek(Token![|]) {
                return Ok(None);
            }
            self.skip()?;
            while !input.is_empty() && !input.peek(Token![|]) {
                parameters += 1;
                self.parameter()?;
            }
            if input.is_empty() {
                return Ok(None);
            }
            self.skip()?;
        }
        if input.peek(Token![->]) {
            self.take::<Token![->]>()?;
            self.ty()?;
            if !input.peek(token::Brace) {
                return Err(self.expected("a block"));
            }
        }
        Ok(Some(parameters))
    }

    /// A pattern, of which is only seen where two names meet, its type, and the comma.
    fn parameter(&mut self) -> syn::Result<()> {
        let input = self.input;
        let is_pattern = self.is_name()
            || input.peek(token::Group)
            || input.peek(token::Paren)
            || input.peek(token::Bracket)
            || input.peek(Lit)
            || input.peek(Token![&])
            || input.peek(Token![_])
            || input.peek(Token![ref])
            || input.peek(Token![mut])
            || input.peek(Token![::])
            || input.peek(Token![<]);
        if !is_pattern {
            return Err(self.expected("a pattern"));
        }
        let mut is_behind_name = false;
        while !input.is_empty() && !input.peek(Token![|]) && !input.peek(Token![,]) {
            let is_name = self.is_name() || input.peek(Lit);
            if is_name && is_behind_name {
                return Err(self.expected("`|`"));
            }
            is_behind_name = is_name;
            if input.peek(Token![::]) {
                self.take::<Token![::]>()?;
            } else if input.peek(Token![:]) {
                self.skip()?;
                self.ty()?;
                if !input.is_empty() && !input.peek(Token![|]) && !input.peek(Token![,]) {
                    return Err(self.expected("`|`"));
                }
            } else {
                self.skip()?;
            }
        }
        if input.peek(Token![,]) { self.skip() } else { Ok(()) }
    }

    /// `if`, `match`, and the other words that an expression can begin with.
    pub(super) fn keyword(&mut self) -> syn::Result<()> {
        let input = self.input;
        if input.peek(Token![if]) {
            self.header()?;
            while input.peek(Token![else]) {
                self.skip()?;
                if !input.peek(Token![if]) {
                    return self.block();
                }
                self.header()?;
            }
            Ok(())
        } else if input.peek(Token![match]) {
            self.subject()?;
            if input.peek(token::Brace) {
                self.inside(|reader| reader.arms())
            } else {
                Err(self.expected("a block"))
            }
        } else if input.peek(Token![while]) {
            self.header()
        } else if input.peek(Token![for]) {
            while !input.is_empty() && !input.peek(Token![in]) {
                self.skip()?;
            }
            self.header()
        } else if input.peek(Token![loop]) || input.peek(Token![unsafe]) || input.peek(Token![const]) {
            self.skip()?;
            self.block()
        } else if input.peek(Token![async]) {
            self.skip()?;
            if input.peek(Token![move]) {
                self.skip()?;
            }
            self.block()
        } else {
            Err(self.expected("an expression"))
        }
    }

    /// A word, an expression that no brace belongs to, and a block.
    fn header(&mut self) -> syn::Result<()> {
        self.subject()?;
        self.block()
    }

    fn subject(&mut self) -> syn::Result<()> {
        self.skip()?;
        let outer = std::mem::replace(&mut self.in_header, true);
        self.expression()?;
        self.in_header = outer;
        Ok(())
    }

    pub(super) fn block(&mut self) -> syn::Result<()> {
        if self.input.peek(token::Brace) {
            self.inside(|reader| reader.statements())
        } else {
            Err(self.expected("a block"))
        }
    }

    fn statements(&mut self) -> syn::Result<()> {
        let input = self.input;
        while !input.is_empty() {
            self.attributes()?;
            if self.is_item() {
                // The statements behind it are left to the compiler too.
                while !input.is_empty() {
                    self.skip()?;
                }
            } else if input.peek(Token![let]) {
                self.binding()?;
            } else if !input.peek(Token![;]) {
                self.statement()?;
                if !input.is_empty() && !input.peek(Token![;]) && !self.is_behind_brace() {
                    return Err(self.expected("`;` or an operator"));
                }
            }
            if input.peek(Token![;]) {
                self.skip()?;
            }
        }
        Ok(())
    }

    /// An expression that ends with its brace if it begins with a word or a brace that a block belongs to.
    fn statement(&mut self) -> syn::Result<()> {
        let input = self.input;
        let is_block = input.peek(token::Brace)
            || input.peek(Token![if])
            || input.peek(Token![match])
            || input.peek(Token![while])
            || input.peek(Token![for])
            || input.peek(Token![loop])
            || input.peek(Token![unsafe])
            || input.peek(Lifetime);
        if !is_block {
            return self.expression();
        }
        self.operand()?;
        let goes_on = input.peek(Token![?]) || input.peek(Token![.]) && !input.peek(Token![..]);
        if goes_on { self.rest() } else { Ok(()) }
    }

    /// `let`, up to its semicolon.
    fn binding(&mut self) -> syn::Result<()> {
        let input = self.input;
        while !input.is_empty() && !input.peek(Token![=]) && !input.peek(Token![;]) {
            if input.peek(Token![::]) {
                self.take::<Token![::]>()?;
            } else if input.peek(Token![..=]) {
                self.take::<Token![..=]>()?;
            } else if input.peek(Token![:]) {
                self.skip()?;
                self.ty()?;
            } else {
                self.skip()?;
            }
        }
        if input.peek(Token![=]) {
            self.skip()?;
            self.expression()?;
        }
        if input.peek(Token![else]) {
            self.skip()?;
            self.block()?;
        }
        if input.peek(Token![;]) { Ok(()) } else { Err(self.expected("`;`")) }
    }

    /// The arms of a `match`.
    fn arms(&mut self) -> syn::Result<()> {
        let input = self.input;
        while !input.is_empty() {
            while !input.is_empty() && !input.peek(Token![=>]) && !input.peek(Token![,]) {
                self.skip()?;
            }
            if !input.peek(Token![=>]) {
                return Err(self.expected("`=>`"));
            }
            self.take::<Token![=>]>()?;
            self.statement()?;
            if input.peek(Token![,]) {
                self.skip()?;
            } else if !input.is_empty() && !self.is_behind_brace() {
                return Err(self.expected("`,` or an operator"));
            }
        }
        Ok(())
    }

    fn attributes(&mut self) -> syn::Result<()> {
        while self.input.peek(Token![#]) && self.input.peek2(token::Bracket) {
            self.skip()?;
            self.skip()?;
        }
        Ok(())
    }

    fn is_behind_brace(&self) -> bool {
        matches!(&self.last, Some((_, last)) if last == "}")
    }

    fn is_item(&self) -> bool {
        let input = self.input;
        let is_function = input.peek(Token![fn])
            || (input.peek(Token![unsafe]) || input.peek(Token![async]) || input.peek(Token![const]))
                && !input.peek2(token::Brace)
                && !input.peek2(Token![move])
                && !input.peek2(Token![|]);
        let is_type = input.peek(Token![struct]) || input.peek(Token![enum]) || input.peek(Token![type]);
        let is_other = input.peek(Token![use])
            || input.peek(Token![static])
            || input.peek(Token![impl])
            || input.peek(Token![trait])
            || input.peek(Token![mod])
            || input.peek(Token![extern])
            || input.peek(Token![pub])
            || input.peek(Ident) && input.peek2(Token![!]) && input.peek3(Ident);
        is_function || is_type || is_other
    }
}
