// Lists from clang's AST what may write given fields and global variables, for
// TestRecall of cmd/quasi, which holds the ledger of quasi guard against it.
// Nothing here knows of LLVM IR or of quasi.
//
// usage: oracle TERM... -- CLANG-ARGUMENTS
//
// TERM is "struct T.f", "union T.f", "T.f" with a typedef of an unnamed struct,
// or a global variable "g" or "g.f"; fields of fields follow: "struct T.a.b", [N] or []
// stand for an element or for every one. The arguments are those of the compiler, which begin
// with its name. Every row is one line of JSON on standard output:
//
//	term      the one of the arguments
//	kind      assign, compound, incdec   the written lvalue lies in the term or the term in it
//	          copy                       an assignment of a struct or array that holds the term
//	          init                       an initializer of a local variable, or a compound literal
//	          memory                     memcpy, memset or the like over it
//	          atomic                     a builtin for atomic access
//	          asm                        an output of inline assembly
//	          address                    its address taken for anything but an access
//	          passed                     its address passed to a call
//	scope     direct                     the lvalue names the struct of the term or the variable
//	          inner                      it names a struct inside of it, through a pointer: maybe another's
//	          union                      it is another member of a union with the term
//	file line column                     as in clang's debug information: the place of expansion
//	first last                           lines of the whole expression, there too
//	function                             the one whose code it is
//	local                                the variable, if the lvalue is part of an automatic one
//	dead                                 under a condition that is constant and does not hold
//
// An lvalue is a path of fields and elements from a variable or a dereferenced
// pointer. What a pointer to a scalar writes is not seen: that takes more than
// an AST.
#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace clang;

namespace {

// A Step leads from an aggregate to a part of it.
struct Step {
  const FieldDecl *field = nullptr; // or an element:
  int64_t index = -1;               // -1: any
};
using Path = std::vector<Step>;

// An Access is an lvalue: a path from a variable or from what a pointer points to.
struct Access {
  const VarDecl *var = nullptr;
  Path path;
  QualType type; // of the lvalue
  int64_t byte = 0; // (char *)&lvalue + byte, with -1 for an unknown one
};
using Accesses = std::vector<Access>;

struct Term {
  std::string text;
  const VarDecl *var = nullptr;
  const RecordDecl *record = nullptr;
  Path path;
};

enum class Scope { None, Direct, Union, Inner };

const RecordDecl *recordOf(QualType t) {
  if (t.isNull()) return nullptr;
  const auto *r = t.getCanonicalType()->getAs<RecordType>();
  return r ? r->getDecl()->getDefinition() : nullptr;
}

const RecordDecl *parentOf(const Step &s) {
  return s.field ? s.field->getParent()->getDefinition() : nullptr;
}

// overlap follows both paths, which begin at the same aggregate.
Scope overlap(llvm::ArrayRef<Step> term, llvm::ArrayRef<Step> access) {
  Scope s = Scope::Direct;
  for (size_t i = 0; i < term.size() && i < access.size(); i++) {
    const Step &a = term[i], &b = access[i];
    if (!a.field != !b.field) return s; // an array seen through a cast: whatever it is, it meets the term
    if (a.field && a.field->getCanonicalDecl() != b.field->getCanonicalDecl()) {
      const RecordDecl *r = parentOf(b);
      if (r && r == parentOf(a) && r->isUnion()) return Scope::Union;
      return Scope::None;
    }
    if (!a.field && a.index >= 0 && b.index >= 0 && a.index != b.index) return Scope::None;
  }
  return s;
}

// holds reports whether a value of type t has a part of type r.
bool holds(QualType t, const RecordDecl *r, llvm::SmallPtrSetImpl<const RecordDecl *> &seen) {
  t = t.getCanonicalType();
  while (const auto *a = t->getAsArrayTypeUnsafe()) t = a->getElementType().getCanonicalType();
  const RecordDecl *d = recordOf(t);
  if (!d) return false;
  if (d == r) return true;
  if (!seen.insert(d).second) return false;
  for (const FieldDecl *f : d->fields())
    if (holds(f->getType(), r, seen)) return true;
  return false;
}

class Finder : public RecursiveASTVisitor<Finder> {
public:
  Finder(ASTContext &c, std::vector<std::string> texts) : ctx(c), sm(c.getSourceManager()), texts(std::move(texts)) {}

  void run() {
    TranslationUnitDecl *unit = ctx.getTranslationUnitDecl();
    collecting = true;
    TraverseDecl(unit);
    collecting = false;
    for (const std::string &t : texts) resolve(t);
    if (!terms.empty()) TraverseDecl(unit);
    llvm::outs().flush();
  }

  bool shouldVisitImplicitCode() const { return false; }
  bool TraverseTypeOfExprTypeLoc(TypeOfExprTypeLoc) { return true; }
  bool TraverseUnaryExprOrTypeTraitExpr(UnaryExprOrTypeTraitExpr *) { return true; }
  bool TraverseGenericSelectionExpr(GenericSelectionExpr *e) { return TraverseStmt(e->getResultExpr()); }
  bool TraverseChooseExpr(ChooseExpr *e) { return TraverseStmt(e->getChosenSubExpr()); }

  bool VisitRecordDecl(RecordDecl *d) {
    if (collecting && d->isCompleteDefinition()) {
      if (!d->getName().empty()) records[(d->getKindName() + " " + d->getName()).str()] = d;
      else if (const TypedefNameDecl *t = d->getTypedefNameForAnonDecl()) records[t->getName()] = d;
    }
    return true;
  }

  bool TraverseFunctionDecl(FunctionDecl *f) {
    if (collecting) return RecursiveASTVisitor::TraverseFunctionDecl(f);
    if (!f->doesThisDeclarationHaveABody()) return true;
    const FunctionDecl *outer = function;
    function = f;
    bool r = TraverseStmt(f->getBody());
    function = outer;
    return r;
  }

  bool VisitVarDecl(VarDecl *v) {
    if (collecting) {
      if (v->hasGlobalStorage() && !v->isStaticLocal()) globals[v->getName()] = v->getCanonicalDecl();
      return true;
    }
    if (!function || !v->hasLocalStorage() || !v->hasInit()) return true;
    Access a;
    a.var = v;
    a.type = v->getType();
    report(a, "init", v->getLocation(), v->getSourceRange());
    return true;
  }

  bool VisitCompoundLiteralExpr(CompoundLiteralExpr *e) {
    if (collecting || !function) return true;
    Access a;
    a.type = e->getType();
    literal = true;
    report(a, "init", e->getInitializer()->getExprLoc(), e->getSourceRange());
    literal = false;
    return true;
  }

  bool VisitBinaryOperator(BinaryOperator *e) {
    if (collecting || !e->isAssignmentOp()) return true;
    bool aggregate = e->getType()->isRecordType();
    // clang copies where it evaluates the right side.
    SourceLocation at = aggregate ? e->getRHS()->IgnoreParens()->getExprLoc() : e->getExprLoc();
    for (const Access &a : lvalue(e->getLHS()))
      report(a, aggregate ? "copy" : e->isCompoundAssignmentOp() ? "compound" : "assign", at, e->getSourceRange());
    return true;
  }

  bool VisitUnaryOperator(UnaryOperator *e) {
    if (collecting) return true;
    if (e->isIncrementDecrementOp()) {
      for (const Access &a : lvalue(e->getSubExpr())) report(a, "incdec", e->getExprLoc(), e->getSourceRange());
    } else if (e->getOpcode() == UO_Deref) {
      consume(e->getSubExpr());
    } else if (e->getOpcode() == UO_AddrOf && !consumed.count(e)) {
      consumed.insert(e);
      for (const Access &a : lvalue(e->getSubExpr())) reportAddress(a, "address", e);
    }
    return true;
  }

  bool VisitMemberExpr(MemberExpr *e) {
    if (!collecting && e->isArrow()) consume(e->getBase());
    return true;
  }

  bool VisitArraySubscriptExpr(ArraySubscriptExpr *e) {
    if (!collecting) consume(e->getBase());
    return true;
  }

  bool VisitCastExpr(CastExpr *e) {
    if (collecting || e->getCastKind() != CK_ArrayToPointerDecay || consumed.count(e)) return true;
    for (const Access &a : lvalue(e->getSubExpr())) reportAddress(a, "address", e);
    return true;
  }

  bool VisitAtomicExpr(AtomicExpr *e) {
    if (collecting) return true;
    consume(e->getPtr());
    if (e->getOp() == AtomicExpr::AO__atomic_load || e->getOp() == AtomicExpr::AO__atomic_load_n || e->getOp() == AtomicExpr::AO__c11_atomic_load)
      return true;
    for (const Access &a : pointee(e->getPtr())) report(a, "atomic", e->getExprLoc(), e->getSourceRange());
    return true;
  }

  bool VisitGCCAsmStmt(GCCAsmStmt *s) {
    if (collecting) return true;
    for (unsigned i = 0; i < s->getNumOutputs(); i++)
      for (const Access &a : lvalue(s->getOutputExpr(i))) report(a, "asm", s->getAsmLoc(), s->getSourceRange());
    return true;
  }

  bool VisitCallExpr(CallExpr *e) {
    if (collecting) return true;
    static const llvm::StringSet<> memory = {
        "memcpy", "memmove", "memset", "mempcpy", "bcopy", "bzero", "strcpy", "strncpy", "strcat", "strncat", "stpcpy", "sprintf",
        "snprintf", "vsprintf", "vsnprintf", "read", "pread", "recv", "fread", "fgets", "getrandom", "strlcpy", "strscpy",
        "__memcpy", "__memset", "__memmove", "memcpy_fromio", "copy_from_user", "_copy_from_user", "__copy_from_user"};
    llvm::StringRef name;
    if (const FunctionDecl *f = e->getDirectCallee()) name = f->getName();
    name.consume_front("__builtin___");
    name.consume_front("__builtin_");
    name.consume_back("_chk");
    bool fills = memory.count(name);
    bool atomic = name.startswith("__sync_");
    if (name == "object_size" || name == "dynamic_object_size" || name == "constant_p" || name == "prefetch") {
      for (Expr *x : e->arguments()) consume(x);
      return true;
    }
    unsigned target = name == "read" || name == "pread" || name == "recv" || name == "bcopy" ? 1 : 0;
    for (unsigned i = 0; i < e->getNumArgs(); i++) {
      Expr *x = e->getArg(i);
      if (!x->getType()->isPointerType()) continue;
      consume(x);
      for (const Access &a : pointee(x)) {
        if (i == target && (fills || atomic)) report(a, atomic ? "atomic" : "memory", e->getExprLoc(), e->getSourceRange(), sizeArgument(e, name));
        else if (!fills) reportAddress(a, "passed", e);
      }
    }
    return true;
  }

  // Where a condition is constant, the branch that it does not take is dead if
  // no label is in it.
  bool TraverseIfStmt(IfStmt *s, DataRecursionQueue * = nullptr) {
    int c = constant(s->getCond());
    if (s->getInit() && !TraverseStmt(s->getInit())) return false;
    return TraverseStmt(s->getCond()) && branch(s->getThen(), c == 0) && branch(s->getElse(), c == 1);
  }
  bool TraverseConditionalOperator(ConditionalOperator *e, DataRecursionQueue * = nullptr) {
    int c = constant(e->getCond());
    return TraverseStmt(e->getCond()) && branch(e->getTrueExpr(), c == 0) && branch(e->getFalseExpr(), c == 1);
  }
  bool TraverseBinaryOperator(BinaryOperator *e, DataRecursionQueue * = nullptr) {
    if (!e->isLogicalOp()) return WalkUpFromBinaryOperator(e) && TraverseStmt(e->getLHS()) && TraverseStmt(e->getRHS());
    int c = constant(e->getLHS());
    return TraverseStmt(e->getLHS()) && branch(e->getRHS(), c == (e->getOpcode() == BO_LOr));
  }
  bool TraverseWhileStmt(WhileStmt *s, DataRecursionQueue * = nullptr) {
    return TraverseStmt(s->getCond()) && branch(s->getBody(), constant(s->getCond()) == 0);
  }

private:
  ASTContext &ctx;
  SourceManager &sm;
  std::vector<std::string> texts;
  std::vector<Term> terms;
  llvm::StringMap<const RecordDecl *> records;
  llvm::StringMap<const VarDecl *> globals;
  llvm::SmallPtrSet<const Expr *, 32> consumed; // addresses whose use has been seen
  const FunctionDecl *function = nullptr;
  bool collecting = false, literal = false;
  int dead = 0;

  static bool hasLabel(const Stmt *s) {
    if (!s) return false;
    if (isa<LabelStmt>(s) || isa<SwitchCase>(s)) return true;
    for (const Stmt *c : s->children())
      if (hasLabel(c)) return true;
    return false;
  }
  bool branch(Stmt *s, bool isDead) {
    if (!s) return true;
    isDead = isDead && !hasLabel(s);
    dead += isDead;
    bool r = TraverseStmt(s);
    dead -= isDead;
    return r;
  }
  int constant(const Expr *e) {
    Expr::EvalResult r;
    if (collecting || !e || e->isValueDependent() || !e->EvaluateAsInt(r, ctx)) return -1;
    return r.Val.getInt().getBoolValue();
  }

  // resolve parses a term; one that the unit does not know is skipped.
  void resolve(const std::string &text) {
    Term t;
    t.text = text;
    llvm::StringRef rest = text;
    size_t end = rest.find_first_of(".[");
    llvm::StringRef head = rest.substr(0, end);
    rest = end == llvm::StringRef::npos ? "" : rest.substr(end);
    QualType type;
    if (const RecordDecl *r = records.lookup(head)) {
      t.record = r;
      type = ctx.getRecordType(r);
    } else if (const VarDecl *v = globals.lookup(head)) {
      t.var = v;
      type = v->getMostRecentDecl()->getType();
    } else {
      return;
    }
    while (!rest.empty()) {
      if (rest.consume_front("[")) {
        llvm::StringRef n = rest.substr(0, rest.find(']'));
        rest = rest.substr(n.size() + 1);
        Step s;
        if (n.getAsInteger(10, s.index)) s.index = -1;
        const ArrayType *a = ctx.getAsArrayType(type);
        if (!a) return;
        type = a->getElementType();
        t.path.push_back(s);
        continue;
      }
      rest = rest.drop_front();
      llvm::StringRef name = rest.substr(0, rest.find_first_of(".["));
      rest = rest.substr(name.size());
      const RecordDecl *r = recordOf(type);
      if (!r || !fieldPath(r, name, t.path)) return;
      type = t.path.back().field->getType();
    }
    terms.push_back(t);
  }

  // fieldPath leads to a field, through unnamed structs and unions.
  static bool fieldPath(const RecordDecl *r, llvm::StringRef name, Path &p) {
    for (const FieldDecl *f : r->fields()) {
      p.push_back({f});
      if (f->getName() == name) return true;
      const RecordDecl *in = f->isAnonymousStructOrUnion() ? recordOf(f->getType()) : nullptr;
      if (in && fieldPath(in, name, p)) return true;
      p.pop_back();
    }
    return false;
  }

  static const Expr *strip(const Expr *e) {
    for (;;) {
      const Expr *s = e->IgnoreParens();
      if (const auto *g = dyn_cast<GenericSelectionExpr>(s)) s = g->getResultExpr();
      if (const auto *c = dyn_cast<ChooseExpr>(s)) s = c->getChosenSubExpr();
      if (s == e) return s;
      e = s;
    }
  }

  // lvalue gives the accesses that an lvalue expression may stand for.
  Accesses lvalue(const Expr *e) {
    e = strip(e);
    Accesses out;
    if (const auto *m = dyn_cast<MemberExpr>(e)) {
      const auto *f = dyn_cast<FieldDecl>(m->getMemberDecl());
      if (!f) return out;
      out = m->isArrow() ? pointee(m->getBase()) : lvalue(m->getBase());
      if (out.empty()) out.emplace_back();
      for (Access &a : out) {
        // A pointer made by a cast leads to what it was cast to.
        if (recordOf(a.type) && recordOf(a.type) != f->getParent()->getDefinition()) a = Access();
        a.path.push_back({f});
      }
    } else if (const auto *s = dyn_cast<ArraySubscriptExpr>(e)) {
      Expr::EvalResult r;
      int64_t index = s->getIdx()->EvaluateAsInt(r, ctx) ? r.Val.getInt().getExtValue() : -1;
      out = pointee(s->getBase());
      for (Access &a : out)
        if (!a.path.empty() && !a.path.back().field) a.path.back().index = a.path.back().index == 0 ? index : -1;
    } else if (const auto *u = dyn_cast<UnaryOperator>(e)) {
      if (u->getOpcode() == UO_Deref) out = pointee(u->getSubExpr());
      else if (u->getOpcode() == UO_Extension || u->getOpcode() == UO_Real || u->getOpcode() == UO_Imag) return lvalue(u->getSubExpr());
    } else if (const auto *d = dyn_cast<DeclRefExpr>(e)) {
      if (const auto *v = dyn_cast<VarDecl>(d->getDecl())) {
        out.emplace_back();
        out.back().var = v;
      }
    } else if (const auto *c = dyn_cast<CastExpr>(e)) {
      out = lvalue(c->getSubExpr());
    } else {
      out.emplace_back();
    }
    for (Access &a : out) a.type = e->getType();
    return out;
  }

  // pointee gives what a pointer expression may point to.
  Accesses pointee(const Expr *e) {
    e = strip(e);
    Accesses out;
    if (const auto *u = dyn_cast<UnaryOperator>(e)) {
      if (u->getOpcode() == UO_AddrOf) return lvalue(u->getSubExpr());
      if (u->getOpcode() == UO_Extension) return pointee(u->getSubExpr());
    } else if (const auto *c = dyn_cast<CastExpr>(e)) {
      if (c->getCastKind() == CK_ArrayToPointerDecay) {
        out = lvalue(c->getSubExpr());
        for (Access &a : out) a.path.push_back({nullptr, 0});
        setType(out, e);
        return out;
      }
      // Through void * and integers, what the pointer was made from counts.
      if (c->getSubExpr()->getType()->isPointerType() || c->getSubExpr()->getType()->isIntegerType())
        out = pointee(c->getSubExpr());
      QualType to = c->getType()->isPointerType() ? c->getType()->getPointeeType() : QualType();
      for (const Access &a : out)
        if (a.var || !a.path.empty() || (!to.isNull() && (to->isVoidType() || to->isCharType()))) return out;
      out.clear();
    } else if (const auto *b = dyn_cast<BinaryOperator>(e)) {
      const Expr *base = b->getLHS()->getType()->isPointerType() ? b->getLHS() : b->getRHS();
      if (b->isAdditiveOp() && base->getType()->isPointerType()) {
        out = pointee(base);
        Expr::EvalResult r;
        const Expr *distance = base == b->getLHS() ? b->getRHS() : b->getLHS();
        bool known = base->getType()->getPointeeType()->isCharType() && distance->EvaluateAsInt(r, ctx);
        for (Access &a : out) {
          if (!a.path.empty() && !a.path.back().field) a.path.back().index = -1;
          if (!known || a.byte < 0) a.byte = -1;
          else a.byte += (b->getOpcode() == BO_Sub ? -1 : 1) * r.Val.getInt().getExtValue();
        }
        return out;
      }
      if (b->getOpcode() == BO_Comma || b->getOpcode() == BO_Assign) return pointee(b->getRHS());
    } else if (const auto *s = dyn_cast<StmtExpr>(e)) {
      if (!s->getSubStmt()->body_empty())
        if (const auto *last = dyn_cast<Expr>(s->getSubStmt()->body_back())) return pointee(last);
    } else if (const auto *q = dyn_cast<ConditionalOperator>(e)) {
      out = pointee(q->getTrueExpr());
      Accesses more = pointee(q->getFalseExpr());
      out.insert(out.end(), more.begin(), more.end());
      return out;
    }
    if (e->getType()->isPointerType()) {
      out.emplace_back();
      setType(out, e);
    }
    return out;
  }

  static void setType(Accesses &as, const Expr *pointer) {
    for (Access &a : as) a.type = pointer->getType()->getPointeeType();
  }

  // consume marks the address that a pointer expression is made from as used
  // by an access or a call.
  void consume(const Expr *e) {
    e = strip(e);
    consumed.insert(e);
    if (const auto *c = dyn_cast<CastExpr>(e)) {
      if (c->getCastKind() != CK_ArrayToPointerDecay) consume(c->getSubExpr());
    } else if (const auto *q = dyn_cast<ConditionalOperator>(e)) {
      consume(q->getTrueExpr());
      consume(q->getFalseExpr());
    } else if (const auto *b = dyn_cast<BinaryOperator>(e)) {
      if (b->isAdditiveOp()) consume(b->getLHS());
    } else if (const auto *s = dyn_cast<StmtExpr>(e)) {
      if (!s->getSubStmt()->body_empty())
        if (const auto *last = dyn_cast<Expr>(s->getSubStmt()->body_back())) consume(last);
    }
  }

  // meets says how an access concerns a term.
  Scope meets(const Term &t, const Access &a) {
    llvm::ArrayRef<Step> path = a.path, term = t.path;
    if (t.var && a.var && a.var->getCanonicalDecl() == t.var) return overlap(term, path);
    if (t.record) {
      for (size_t i = 0; i < path.size(); i++)
        if (parentOf(path[i]) == t.record)
          if (Scope s = overlap(term, path.drop_front(i)); s != Scope::None) return s;
      llvm::SmallPtrSet<const RecordDecl *, 16> seen;
      if (holds(a.type, t.record, seen)) return Scope::Direct;
    }
    if (a.var && a.var->hasGlobalStorage() && t.var) return Scope::None; // another variable
    // An lvalue of a struct that lies inside of the term's, through a pointer.
    const RecordDecl *root = path.empty() ? recordOf(a.type) : parentOf(path[0]);
    if (!root || a.var) return Scope::None;
    for (size_t j = t.var ? 0 : 1; j < term.size(); j++)
      if (parentOf(term[j]) == root && overlap(term.drop_front(j), path) != Scope::None) return Scope::Inner;
    return Scope::None;
  }

  // A size is the number of bytes written from the beginning of a struct on, -1 for an unknown one.
  void report(const Access &a, llvm::StringRef kind, SourceLocation at, SourceRange range, int64_t size = -1) {
    for (const Term &t : terms)
      if (Scope s = meets(t, a); s != Scope::None && !(literal && s == Scope::Inner) && !besides(t, a, size))
        row(t, a, s, kind, at, range);
  }

  // besides reports whether so many bytes of the term's struct do not meet the term.
  bool besides(const Term &t, const Access &a, int64_t size) {
    if (size < 0 || a.byte < 0 || !a.path.empty() || !t.record || recordOf(a.type) != t.record) return false;
    int64_t off = 0, length = 0; // of the term, in bits
    QualType last;
    for (const Step &s : t.path) {
      if (s.field) {
        off += ctx.getFieldOffset(s.field);
        length = s.field->isBitField() ? s.field->getBitWidthValue(ctx) : ctx.getTypeSize(s.field->getType());
        last = s.field->getType();
        continue;
      }
      const ArrayType *array = ctx.getAsArrayType(last);
      if (s.index < 0 || !array) return false;
      last = array->getElementType();
      length = ctx.getTypeSize(last);
      off += s.index * length;
    }
    return off >= (a.byte + size) * 8 || off + length <= a.byte * 8;
  }

  // sizeArgument is how much a call of a memory function writes.
  int64_t sizeArgument(const CallExpr *e, llvm::StringRef name) {
    if (name != "memcpy" && name != "memmove" && name != "memset" && name != "mempcpy" && name != "bzero") return -1;
    unsigned i = name == "bzero" ? 1 : 2;
    Expr::EvalResult r;
    if (i >= e->getNumArgs() || !e->getArg(i)->EvaluateAsInt(r, ctx)) return -1;
    return r.Val.getInt().getExtValue();
  }

  // reportAddress is report for an address: one of the whole struct is no
  // evidence of a write, one of a part that holds the term or lies in it is.
  void reportAddress(const Access &a, llvm::StringRef kind, const Expr *e) {
    if (a.path.empty()) return;
    for (const Term &t : terms) {
      bool inside = t.var && a.var && a.var->getCanonicalDecl() == t.var;
      for (const Step &s : a.path) inside |= t.record && parentOf(s) == t.record;
      if (!inside) continue;
      if (Scope s = meets(t, a); s == Scope::Direct || s == Scope::Union) row(t, a, s, kind, e->getExprLoc(), e->getSourceRange());
    }
  }

  void row(const Term &t, const Access &a, Scope s, llvm::StringRef kind, SourceLocation at, SourceRange range) {
    PresumedLoc p = sm.getPresumedLoc(sm.getExpansionLoc(at));
    if (!function || p.isInvalid()) return;
    PresumedLoc first = sm.getPresumedLoc(sm.getExpansionLoc(range.getBegin()));
    PresumedLoc last = sm.getPresumedLoc(sm.getExpansionRange(range.getEnd()).getEnd());
    llvm::json::Object o{
        {"term", t.text}, {"kind", kind.str()}, {"file", p.getFilename()}, {"line", p.getLine()}, {"column", p.getColumn()},
        {"first", first.isValid() ? first.getLine() : p.getLine()}, {"last", last.isValid() ? last.getLine() : p.getLine()},
        {"function", function->getNameAsString()},
        {"scope", s == Scope::Direct ? "direct" : s == Scope::Union ? "union" : "inner"}};
    if (literal) o["local"] = "compound literal";
    else if (a.var && a.var->hasLocalStorage()) o["local"] = a.var->getNameAsString();
    if (dead) o["dead"] = true;
    llvm::outs() << llvm::json::Value(std::move(o)) << '\n';
  }
};

class Consumer : public ASTConsumer {
public:
  explicit Consumer(std::vector<std::string> t) : texts(std::move(t)) {}
  void HandleTranslationUnit(ASTContext &c) override { Finder(c, texts).run(); }

private:
  std::vector<std::string> texts;
};

class Action : public ASTFrontendAction {
public:
  explicit Action(std::vector<std::string> t) : texts(std::move(t)) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &, StringRef) override {
    return std::make_unique<Consumer>(texts);
  }

private:
  std::vector<std::string> texts;
};

} // namespace

int main(int argc, char **argv) {
  std::vector<std::string> terms, args;
  int i = 1;
  for (; i < argc && llvm::StringRef(argv[i]) != "--"; i++) terms.push_back(argv[i]);
  for (i++; i < argc; i++) args.push_back(argv[i]);
  if (terms.empty() || args.empty()) {
    llvm::errs() << "usage: oracle TERM... -- CLANG-ARGUMENTS\n";
    return 2;
  }
  args.push_back("-w");
  args.push_back("-fsyntax-only");
  llvm::IntrusiveRefCntPtr<FileManager> files(new FileManager(FileSystemOptions()));
  tooling::ToolInvocation run(args, std::make_unique<Action>(terms), files.get());
  return run.run() ? 0 : 1;
}
